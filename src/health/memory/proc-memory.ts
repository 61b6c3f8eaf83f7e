import { OptionChecks } from "../option-checks.ts";
import { cgroupLimitOf } from "./cgroup-path.ts";
import type { MemorySource } from "./memory-source.ts";
import { Restarts } from "./restarts.ts";
import { numberAfter, readIfThere, readSmallFile } from "./small-file.ts";

export interface ProcMemoryOptions {
  /** Where the process file system is: another one for a container that sees the host's. @default "/proc" */
  readonly root?: string | undefined;
  /**
   * - `anonymous`: what the process has written, swapped out or not. Leaks are here.
   * - `resident`: all that is in memory now, files that are mapped included.
   * @default "anonymous"
   */
  readonly measure?: "anonymous" | "resident" | undefined;
  /** What the process may have at most, in bytes. @default the limit of its cgroup, where there is one */
  readonly limitBytes?: number | undefined;
}

/**
 * Reads the memory of a process of this machine from `/proc/<pid>/status`. Linux only.
 *
 * A process that takes over a number after the first one has ended counts as a restart.
 *
 * @throws TypeError for a pid or an option that cannot be
 * @see https://docs.kernel.org/filesystems/proc.html
 */
export function procMemory(pid: number, options: ProcMemoryOptions = {}): MemorySource {
  const checks = new OptionChecks("procMemory");
  checks.known(options, ["root", "measure", "limitBytes"]);
  if (!Number.isSafeInteger(pid) || pid < 1) throw checks.wrong("pid", "the number of a process", pid);
  const root = checks.text("root", options.root) ?? "/proc";
  const measure = options.measure ?? "anonymous";
  if (measure !== "anonymous" && measure !== "resident") {
    throw checks.wrong("measure", '"anonymous" or "resident"', measure);
  }
  const limitBytes = checks.amount("limitBytes", options.limitBytes);
  const restarts = new Restarts();

  return {
    name: `process ${pid}`,
    read: async () => {
      const [status, stat] = await Promise.all([
        readIfThere(`${root}/${pid}/status`),
        readIfThere(`${root}/${pid}/stat`),
      ]);
      if (status === undefined || stat === undefined) throw new Error("there is no such process");
      const kilobytes = measure === "resident" ? numberAfter(status, "VmRSS") : anonymousOf(status);
      // A process that has ended and was not waited for has a status without memory.
      if (kilobytes === undefined) throw new Error("the process has ended");
      return {
        bytes: kilobytes * 1024,
        limitBytes: limitBytes ?? (await cgroupLimitOf(pid, root)),
        resets: restarts.note(startOf(stat)),
      };
    },
  };
}

function anonymousOf(status: string): number | undefined {
  const anonymous = numberAfter(status, "RssAnon") ?? numberAfter(status, "VmRSS");
  return anonymous === undefined ? undefined : anonymous + (numberAfter(status, "VmSwap") ?? 0);
}

/** Field 22: when the process started, in ticks since boot. The name before it may hold spaces and brackets. */
function startOf(stat: string): string | undefined {
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** Memory of the machine, in bytes. */
export async function machineBytes(root = "/proc"): Promise<number | undefined> {
  const total = numberAfter(await readSmallFile(`${root}/meminfo`), "MemTotal");
  return total === undefined ? undefined : total * 1024;
}
