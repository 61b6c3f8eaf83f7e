import { isRecord, OptionChecks } from "../option-checks.ts";
import { boundedGetJson } from "./bounded-http.ts";
import type { MemorySource } from "./memory-source.ts";
import { Restarts } from "./restarts.ts";

export interface DockerMemoryOptions {
  /** Where the engine listens. @default "/var/run/docker.sock" */
  readonly socketPath?: string | undefined;
  /**
   * - `anonymous`: what the processes have written. Leaks are here; the files they have read are not.
   * - `workingSet`: usage without the files that could be dropped at once: what `docker stats` shows.
   * @default "anonymous"
   */
  readonly measure?: "anonymous" | "workingSet" | undefined;
}

/**
 * Reads the memory of a container from the Docker Engine API, cgroup version 1 or 2.
 *
 * The limit is the container's own: where it has none, the engine names the machine's memory, which is not taken for
 * one. A container that was started again counts as a restart.
 *
 * @throws TypeError for a name or an option that cannot be
 * @see https://docs.docker.com/reference/api/engine/ ContainerStats, ContainerInspect
 */
export function dockerMemory(container: string, options: DockerMemoryOptions = {}): MemorySource {
  const checks = new OptionChecks("dockerMemory");
  checks.known(options, ["socketPath", "measure"]);
  const name = checks.text("container", container);
  if (name === undefined || !isContainerName(name))
    throw checks.wrong("container", "the name or id of a container", container);
  const socketPath = checks.text("socketPath", options.socketPath) ?? "/var/run/docker.sock";
  const { measure = "anonymous" } = options;
  if (measure !== "anonymous" && measure !== "workingSet") {
    throw checks.wrong("measure", '"anonymous" or "workingSet"', measure);
  }
  const restarts = new Restarts();
  const ask = (path: string, signal: AbortSignal) =>
    boundedGetJson({ url: new URL(`http://docker/containers/${name}/${path}`), socketPath, signal });

  return {
    name: `container ${name}`,
    read: async ({ signal }) => {
      const [container, stats] = await Promise.all([
        ask("json", signal),
        ask("stats?stream=false&one-shot=true", signal),
      ]);
      const state = member(container, "State");
      if (member(state, "Running") !== true) throw new Error("the container does not run");
      const read = member(stats, "read");
      const timeMs = typeof read === "string" ? Date.parse(read) : Number.NaN;
      const limit = member(member(container, "HostConfig"), "Memory");
      return {
        bytes: bytesOf(member(stats, "memory_stats"), measure),
        limitBytes: typeof limit === "number" && limit > 0 ? limit : undefined,
        timeMs: timeMs > 0 ? timeMs : undefined,
        resets: restarts.note(`${member(container, "Id")} ${member(state, "StartedAt")}`),
      };
    },
  };
}

function bytesOf(memory: unknown, measure: "anonymous" | "workingSet"): number {
  const stats = member(memory, "stats");
  const number = (value: unknown) => (typeof value === "number" ? value : undefined);
  // Version 1 names what is in all cgroups below `total_…`.
  const anonymous = number(member(stats, "anon")) ?? number(member(stats, "total_rss"));
  const usage = number(member(memory, "usage"));
  const droppable = number(member(stats, "inactive_file")) ?? 0;
  const bytes =
    measure === "anonymous" ? anonymous : usage && usage - (number(member(stats, "total_inactive_file")) ?? droppable);
  if (bytes === undefined) throw new Error("the engine tells no memory of it");
  return bytes;
}

function member(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** Letters, digits, `_`, `.` and `-`, the first one a letter or digit: what Docker itself allows, and nothing that climbs a path. */
function isContainerName(name: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_.-]{0,254}$/.test(name);
}
