import { stat } from "node:fs/promises";
import { posix } from "node:path";
import { OptionChecks } from "../option-checks.ts";
import { type Cgroup, cgroupAt, findCgroup, limitOf } from "./cgroup-path.ts";
import type { MemorySource } from "./memory-source.ts";
import { machineBytes } from "./proc-memory.ts";
import { Restarts } from "./restarts.ts";
import { numberAfter, readIfThere, readSmallFile } from "./small-file.ts";

export interface CgroupMemoryOptions {
  /** The folder of the cgroup: `/sys/fs/cgroup/kubepods.slice/…`. @default that of `pid` */
  readonly path?: string | undefined;
  /** The process whose cgroup it is. @default this process: right in a container that the server runs in too */
  readonly pid?: number | undefined;
  /**
   * - `anonymous`: what the processes have written. Leaks are here; the files they have read are not.
   * - `workingSet`: usage without the files that could be dropped at once: what Kubernetes evicts by.
   * @default "anonymous"
   */
  readonly measure?: "anonymous" | "workingSet" | undefined;
}

/**
 * Reads the memory of a control group, version 1 or 2: of a container, a pod, a service. Linux only.
 *
 * The limit is the lowest on the way up; one that is no less than the machine's memory is none. A cgroup made anew, and
 * a process killed in it for want of memory, count as restarts.
 *
 * @throws TypeError for an option that cannot be
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
 */
export function cgroupMemory(options: CgroupMemoryOptions = {}): MemorySource {
  const checks = new OptionChecks("cgroupMemory");
  checks.known(options, ["path", "pid", "measure"]);
  const path = checks.text("path", options.path);
  const { pid, measure = "anonymous" } = options;
  if (pid !== undefined && (!Number.isSafeInteger(pid) || pid < 1))
    throw checks.wrong("pid", "the number of a process", pid);
  if (path !== undefined && pid !== undefined) throw checks.refuse("path and pid exclude each other, give one of them");
  if (measure !== "anonymous" && measure !== "workingSet") {
    throw checks.wrong("measure", '"anonymous" or "workingSet"', measure);
  }
  const restarts = new Restarts();

  return {
    name: path ?? (pid === undefined ? "own cgroup" : `cgroup of process ${pid}`),
    read: async () => {
      const cgroup = await (path === undefined ? findCgroup(pid ?? "self") : cgroupAt(path));
      if (cgroup === undefined) throw new Error("no cgroup that accounts for memory is there");
      const [bytes, limit, machine, identity] = await Promise.all([
        measure === "anonymous" ? anonymousOf(cgroup) : workingSetOf(cgroup),
        limitOf(cgroup),
        machineBytes().catch(() => undefined),
        identityOf(cgroup),
      ]);
      const isOwn = limit !== undefined && (machine === undefined || limit < machine);
      return { bytes, limitBytes: isOwn ? limit : undefined, resets: restarts.note(identity) };
    },
  };
}

async function anonymousOf({ version, path }: Cgroup): Promise<number> {
  const text = await readSmallFile(posix.join(path, "memory.stat"));
  const anonymous =
    version === 2
      ? numberAfter(text, "anon")
      : (numberAfter(text, "total_rss") ?? Number.NaN) + (numberAfter(text, "total_swap") ?? 0);
  if (anonymous === undefined || Number.isNaN(anonymous)) throw new Error("memory.stat does not tell anonymous memory");
  return anonymous + (version === 2 ? Number((await readIfThere(posix.join(path, "memory.swap.current"))) ?? 0) : 0);
}

async function workingSetOf({ version, path }: Cgroup): Promise<number> {
  const [usage, text] = await Promise.all([
    readSmallFile(posix.join(path, version === 2 ? "memory.current" : "memory.usage_in_bytes")),
    readSmallFile(posix.join(path, "memory.stat")),
  ]);
  const droppable = numberAfter(text, version === 2 ? "inactive_file" : "total_inactive_file") ?? 0;
  return Number(usage) - droppable;
}

async function identityOf({ version, path }: Cgroup): Promise<string> {
  const [{ ino }, events] = await Promise.all([
    stat(path),
    readIfThere(posix.join(path, version === 2 ? "memory.events" : "memory.oom_control")),
  ]);
  return `${ino} ${numberAfter(events ?? "", "oom_kill") ?? 0}`;
}
