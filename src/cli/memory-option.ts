import { type Command, InvalidArgumentError } from "commander";
import {
  cgroupMemory,
  dockerMemory,
  kubernetesMemory,
  type MemorySource,
  procMemory,
  prometheusMemory,
  type SeriesChoice,
} from "../health.ts";

/** Gives a command `--memory`: where the memory of the server's process is read. */
export function takeMemory(command: Command): Command {
  return command.option("--memory <source>", "where the server's memory is read (see below)", readMemorySource);
}

/** What stands in the help of a command that has `--memory`. */
export const MEMORY_HELP = `
Sources of memory:
  pid:1234                          /proc of this machine
  cgroup:/sys/fs/cgroup/NAME        a control group, version 1 or 2
  cgroup:1234                       that of a process
  docker:NAME                       a container, asked over docker's socket
  kubernetes:[NAMESPACE/]POD[/CONTAINER]
  prometheus:URL#METRIC{LABEL="VALUE",...}`;

/**
 * The source that a `--memory` names.
 *
 * @throws InvalidArgumentError when it names none
 */
export function readMemorySource(text: string): MemorySource {
  const [, kind = "", where = ""] = /^([a-z]+):(.+)$/s.exec(text) ?? [];
  const make = Object.hasOwn(SOURCES, kind) ? SOURCES[kind] : undefined;
  if (make === undefined) {
    throw new InvalidArgumentError(`a source is written ${Object.keys(SOURCES).join(":…, ")}:…`);
  }
  try {
    return make(where);
  } catch (error) {
    throw error instanceof TypeError ? new InvalidArgumentError(`${error.message}.`) : error;
  }
}

const SOURCES: Readonly<Record<string, (where: string) => MemorySource>> = {
  pid: (where) => procMemory(readPid(where)),
  cgroup: (where) => cgroupMemory(/^\d+$/.test(where) ? { pid: readPid(where) } : { path: where }),
  docker: (where) => dockerMemory(where),
  kubernetes: (where) => {
    const parts = where.split("/");
    if (parts.length > 3 || parts.includes("")) {
      throw new InvalidArgumentError("it is written kubernetes:[NAMESPACE/]POD[/CONTAINER].");
    }
    const [namespace, pod = "", container] = parts.length === 1 ? [undefined, ...parts] : parts;
    return kubernetesMemory({ namespace, pod, container });
  },
  prometheus: (where) => {
    const at = where.indexOf("#");
    if (at <= 0) throw new InvalidArgumentError('it is written prometheus:URL#METRIC{LABEL="VALUE"}.');
    return prometheusMemory(where.slice(0, at), readSeries(where.slice(at + 1)));
  },
};

function readPid(text: string): number {
  const pid = Number(text);
  if (!/^\d{1,10}$/.test(text) || pid === 0) throw new InvalidArgumentError("a process id is a whole number from 1.");
  return pid;
}

/** `metric{label="value",…}`, values with the escapes of Prometheus' own text. */
function readSeries(text: string): SeriesChoice {
  const [, metric, inner] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?$/s.exec(text) ?? [];
  if (metric === undefined) throw new InvalidArgumentError('a series is written METRIC{LABEL="VALUE"}.');
  if (inner === undefined || inner.trim() === "") return { metric };
  const labels: Record<string, string> = Object.create(null);
  let rest = inner;
  while (rest !== "") {
    const [pair, name = "", value = ""] = /^\s*([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,|$)/s.exec(rest) ?? [];
    if (pair === undefined) throw new InvalidArgumentError(`a label is written LABEL="VALUE", found ${rest}`);
    labels[name] = value.replace(/\\(.)/gs, (_escape, char: string) => (char === "n" ? "\n" : char));
    rest = rest.slice(pair.length);
  }
  return { metric, labels };
}
