import { posix } from "node:path";
import { numberAfter, readIfThere } from "./small-file.ts";

/** A cgroup that accounts for memory. */
export interface Cgroup {
  readonly version: 1 | 2;
  readonly path: string;
}

const MOUNT = "/sys/fs/cgroup";

/** The cgroup of a process, whichever version accounts for memory here; undefined where it cannot be found. */
export async function findCgroup(pid: number | "self", proc = "/proc", mount = MOUNT): Promise<Cgroup | undefined> {
  const membership = (await readIfThere(`${proc}/${pid}/cgroup`)) ?? "";
  for (const line of membership.split("\n")) {
    const [, controllers, ...rest] = line.split(":");
    const path = rest.join(":");
    if (controllers === undefined || path === "") continue;
    if (controllers.split(",").includes("memory")) {
      const found = await nearest(posix.join(mount, "memory"), path);
      if (found?.version === 1) return found;
    }
    // Version 2 has one line without a controller's name; beside version 1 it may account for nothing.
    if (controllers === "") {
      const found = await nearest(mount, path);
      if (found?.version === 2) return found;
    }
  }
  return undefined;
}

/** Inside a container its own cgroup is mounted as the root, and the path is the one that the host sees. */
async function nearest(mount: string, path: string): Promise<Cgroup | undefined> {
  return (await cgroupAt(posix.join(mount, path))) ?? cgroupAt(mount);
}

/** What accounts for memory in a folder. */
export async function cgroupAt(path: string): Promise<Cgroup | undefined> {
  if ((await readIfThere(posix.join(path, "memory.current"))) !== undefined) return { version: 2, path };
  if ((await readIfThere(posix.join(path, "memory.usage_in_bytes"))) !== undefined) return { version: 1, path };
  return undefined;
}

/** The lowest limit of a cgroup and all above it; undefined where there is none. */
export async function limitOf({ version, path }: Cgroup): Promise<number | undefined> {
  if (version === 1) {
    const stat = (await readIfThere(posix.join(path, "memory.stat"))) ?? "";
    return sensible(numberAfter(stat, "hierarchical_memory_limit"));
  }
  let lowest: number | undefined;
  for (let folder = path; folder.length > 1; folder = posix.dirname(folder)) {
    const text = await readIfThere(posix.join(folder, "memory.max"));
    // The root of the tree has no such file: above it there is nothing to look for.
    if (text === undefined) break;
    const limit = sensible(Number(text.trim()));
    if (limit !== undefined) lowest = Math.min(lowest ?? limit, limit);
  }
  return lowest;
}

/** The limit of the cgroup of a process. */
export async function cgroupLimitOf(pid: number, proc: string): Promise<number | undefined> {
  const cgroup = await findCgroup(pid, proc);
  return cgroup === undefined ? undefined : limitOf(cgroup);
}

/** No limit is `max` in version 2 and the largest number of pages in version 1. */
function sensible(bytes: number | undefined): number | undefined {
  return bytes !== undefined && bytes > 0 && bytes < 2 ** 60 ? bytes : undefined;
}
