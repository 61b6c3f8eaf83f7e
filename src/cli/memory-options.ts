import { type Command, InvalidArgumentError } from "commander";
import {
  cgroupMemory,
  createServerMetrics,
  dockerMemory,
  kubernetesMemory,
  type MemorySource,
  procMemory,
  prometheusMemory,
  type ServerMetrics,
} from "../health.ts";
import { readBytes } from "./quantities.ts";

type Labels = Readonly<Record<string, string>>;

/** Where a command reads the memory of a server, and the server's own page of metrics. */
export interface MemoryOptions {
  readonly memoryPid?: number;
  readonly memoryCgroup?: string;
  readonly memoryDocker?: string;
  readonly memoryKubernetes?: string;
  readonly memoryPrometheus?: string;
  readonly metric?: string;
  readonly metricLabel?: Labels;
  readonly limitMetric?: string;
  readonly memoryLimit?: number;
  readonly metrics?: string;
}

/** Gives a command the options of {@link MemoryOptions}; `--metrics` only where it has an effect. */
export function takeMemory(command: Command, { metrics = true } = {}): Command {
  command
    .option("--memory-pid <pid>", "read the memory of this process of this machine", readPid)
    .option("--memory-cgroup <path|pid>", "of a cgroup: its folder, or a process in it")
    .option("--memory-docker <container>", "of a container, from the Docker engine of this machine")
    .option("--memory-kubernetes <pod>", "from the metrics API: pod, namespace/pod or namespace/pod/container")
    .option("--memory-prometheus <url>", "from a page of metrics: cAdvisor, kubelet, node exporter")
    .option("--metric <name>", "which metric of that page is the memory")
    .option("--metric-label <name=value>", "a label that metric must have; several are possible", readLabel)
    .option("--limit-metric <name>", "the metric of the limit, with the same labels")
    .option(
      "--memory-limit <bytes>",
      "what the server may have, for example 32GB (default: as the source says)",
      readBytes,
    );
  if (!metrics) return command;
  return command.option("--metrics <url>", "address of the server's own page of metrics");
}

/**
 * The source that the options name.
 *
 * @throws TypeError when they name several, or options that belong to another one
 */
export function memoryOf(options: MemoryOptions): MemorySource | undefined {
  const sources = Object.entries(SOURCES).flatMap(([name, make]) => {
    const source = make(options);
    return source === undefined ? [] : [{ name, source }];
  });
  if (sources.length > 1) throw new TypeError(`${sources.map(({ name }) => name).join(" and ")} exclude each other`);
  for (const [name, value] of [
    ["--metric", options.metric],
    ["--metric-label", options.metricLabel],
    ["--limit-metric", options.limitMetric],
  ] as const) {
    if (value !== undefined && options.memoryPrometheus === undefined) {
      throw new TypeError(`${name} has an effect only with --memory-prometheus`);
    }
  }
  const source = sources[0]?.source;
  const { memoryLimit } = options;
  if (memoryLimit === undefined) return source;
  if (source === undefined) throw new TypeError("--memory-limit has an effect only with a source of memory");
  return {
    name: source.name,
    read: async (reading) => ({ ...(await source.read(reading)), limitBytes: memoryLimit }),
  };
}

/** The server's own page, where one is given. */
export function metricsOf({ metrics }: MemoryOptions, model: string): ServerMetrics | undefined {
  return metrics === undefined ? undefined : createServerMetrics(metrics, { model });
}

const SOURCES: Readonly<Record<string, (options: MemoryOptions) => MemorySource | undefined>> = {
  "--memory-pid": ({ memoryPid }) => (memoryPid === undefined ? undefined : procMemory(memoryPid)),
  "--memory-cgroup": ({ memoryCgroup: place }) => {
    if (place === undefined) return undefined;
    return cgroupMemory(/^\d+$/.test(place) ? { pid: Number(place) } : { path: place });
  },
  "--memory-docker": ({ memoryDocker }) => (memoryDocker === undefined ? undefined : dockerMemory(memoryDocker)),
  "--memory-kubernetes": ({ memoryKubernetes }) =>
    memoryKubernetes === undefined ? undefined : podMemory(memoryKubernetes),
  "--memory-prometheus": (options) =>
    options.memoryPrometheus === undefined ? undefined : pageMemory(options.memoryPrometheus, options),
};

/** `pod`, `namespace/pod` or `namespace/pod/container`. */
function podMemory(text: string): MemorySource {
  const parts = text.split("/");
  const [namespace, pod, container] = parts.length === 1 ? [undefined, ...parts] : parts;
  if (parts.length > 3 || !pod) {
    throw new TypeError("--memory-kubernetes is written pod, namespace/pod or namespace/pod/container");
  }
  return kubernetesMemory({ pod, namespace, container });
}

function pageMemory(url: string, { metric, metricLabel: labels, limitMetric }: MemoryOptions): MemorySource {
  if (metric === undefined) {
    throw new TypeError("--memory-prometheus needs --metric, for example container_memory_working_set_bytes");
  }
  const limit = limitMetric === undefined ? undefined : { metric: limitMetric, labels };
  return prometheusMemory(url, { metric, labels, limit });
}

function readPid(text: string): number {
  const pid = Number(text);
  if (!/^\d{1,10}$/.test(text) || pid === 0) throw new InvalidArgumentError("it is the number of a process.");
  return pid;
}

function readLabel(text: string, before: Labels = Object.create(null)): Labels {
  const at = text.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("a label is written name=value, for example name=tfserving.");
  return Object.assign(Object.create(null), before, { [text.slice(0, at)]: text.slice(at + 1) });
}
