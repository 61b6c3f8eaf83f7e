import { open, writeFile } from "node:fs/promises";
import type { Command } from "commander";
import { cannotWrite } from "../cannot-write.ts";
import { formatBytes, formatDuration } from "../quantities.ts";
import type { Facts } from "./report-page.ts";

/**
 * Looks whether a report can be written, before the work for it is done.
 *
 * @throws TypeError when it cannot
 */
export async function checkReportFile(file: string): Promise<void> {
  try {
    await (await open(file, "a")).close();
  } catch (error) {
    throw cannotWrite("--report", file, error);
  }
}

/** @throws Error where the disk is full, TypeError for what is wrong with the file */
export async function writeReport(file: string, page: string): Promise<void> {
  try {
    await writeFile(file, page);
  } catch (error) {
    throw cannotWrite("--report", file, error);
  }
}

/** What a report says of how it came to be. */
export interface ReportContext {
  readonly options: Facts;
  /** When it ended. */
  readonly date: Date;
  /** What made it: `tfserving 0.1.0, Node.js v24.1.0`. */
  readonly madeBy: string;
}

export function reportContext(command: Command): ReportContext {
  return {
    options: optionsForReport(command),
    date: new Date(),
    madeBy: `tfserving ${command.parent?.version()} with Node.js ${process.version}`,
  };
}

/** Options that a report may name as they were given. All others, credentials among them, it never names. */
const SHOWN = [
  "--version",
  "--label",
  "--signature",
  "--random",
  "--warm-up",
  "--predictions",
  "--duration",
  "--fuse",
  "--pause",
  "--timeout",
  "--interval",
  "--probe-every",
  "--samples",
  "--for",
  "--window",
  "--memory-pid",
  "--memory-cgroup",
  "--memory-docker",
  "--memory-kubernetes",
  "--memory-prometheus",
  "--metric",
  "--limit-metric",
  "--memory-limit",
  "--metrics",
];
const DURATIONS = ["--duration", "--pause", "--timeout", "--interval", "--probe-every", "--for", "--window"];
const BYTES = ["--fuse", "--memory-limit"];
/** Addresses go without user-info and query, which may hold a token. */
const ADDRESSES = ["--memory-prometheus", "--metrics"];

/** By whom an option was set that is not as by default: on the command line, or in settings. */
const GIVEN: readonly (string | undefined)[] = ["cli", "config"];

/** The options that a command was given, for its report. */
function optionsForReport(command: Command): Facts {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    const { long } = option;
    if (long == null || !SHOWN.includes(long) || !GIVEN.includes(command.getOptionValueSource(name))) return [];
    return [[long, textOf(long, command.getOptionValue(name))] as const];
  });
}

function textOf(long: string, value: unknown): string {
  if (ADDRESSES.includes(long)) {
    const { origin, pathname } = new URL(String(value));
    return `${origin}${pathname}`;
  }
  if (DURATIONS.includes(long)) return formatDuration(Number(value));
  return BYTES.includes(long) ? formatBytes(Number(value)) : String(value);
}
