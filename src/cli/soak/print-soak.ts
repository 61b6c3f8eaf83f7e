import type { SoakEnd, SoakReport } from "../../health.ts";
import { formatTable, type Output, printable, wrap } from "../output.ts";
import {
  formatBytes,
  formatCount,
  formatDuration,
  formatGrowth,
  formatMs,
  formatRate,
  formatShare,
} from "../quantities.ts";
import type { Style } from "../terminal.ts";

export const VERDICT_STYLES: Readonly<Record<SoakReport["verdict"], Style>> = {
  leak: "bad",
  suspected: "careful",
  stable: "good",
  inconclusive: "careful",
};

const ENDS: Readonly<Record<SoakEnd, string>> = {
  done: "to the end",
  fuse: "stopped by the fuse",
  failures: "stopped: predictions fail",
  memory: "stopped: memory cannot be read",
  restart: "stopped: the process was started anew",
  signal: "stopped by you",
};

/** Prints what a soak found: the verdict in one line, then its figures. */
export function printSoak(output: Output, report: SoakReport): void {
  const [first = "", ...more] = wrap(`${report.verdict}: ${adviceOf(report)}`, "");
  const word = first.slice(0, report.verdict.length);
  output.line(output.out.paint(VERDICT_STYLES[report.verdict], word) + first.slice(word.length));
  for (const line of more) output.line(line);
  for (const line of formatTable(figuresOf(report))) output.line(line);
}

/** The report's own line, with options named as the command line does. */
export function adviceOf({ output }: SoakReport): string {
  return printable(output).replaceAll("fuseBytes", "--fuse");
}

/** The figures as rows of a name and what there is to say. */
export function figuresOf(report: SoakReport): (readonly [name: string, text: string])[] {
  return [
    ["predictions", predictionsOf(report)],
    ...row("memory", memoryOf(report)),
    ...row("growth", growthOf(report)),
    ...row("limit", limitOf(report)),
    ...row("latency", latencyOf(report)),
    ...row("server", serverOf(report)),
  ];
}

function row(name: string, text: string | undefined): (readonly [string, string])[] {
  return text === undefined ? [] : [[name, text]];
}

function predictionsOf({ predictions, failures, durationMs, end, synthetic }: SoakReport): string {
  const inputs = synthetic ? ", inputs made up from the signature" : "";
  return `${formatCount(predictions)} in ${formatDuration(durationMs)}, ${formatCount(failures)} failed, ${ENDS[end]}${inputs}`;
}

function memoryOf({ startBytes, endBytes, growthBytes }: SoakReport): string | undefined {
  if (startBytes === undefined || endBytes === undefined) return undefined;
  return `${formatBytes(startBytes)} at first, ${formatBytes(endBytes)} at last (${formatGrowth(growthBytes ?? 0)})`;
}

function growthOf(report: SoakReport): string | undefined {
  const { bytesPerPrediction: each, leastBytesPerPrediction: least, mostBytesPerPrediction: most } = report;
  if (each === undefined) return undefined;
  const bounds =
    least === undefined || most === undefined ? "" : `, surely from ${formatBytes(least)} to ${formatBytes(most)}`;
  const after = report.suspectedAfter === undefined ? "" : `; suspected after ${report.suspectedAfter}`;
  return `${formatBytes(each)} a prediction${bounds}${after}`;
}

function limitOf({ limitBytes, predictionsToLimit: left, secondsToLimit: seconds }: SoakReport): string | undefined {
  if (limitBytes === undefined) return undefined;
  if (left === undefined) return formatBytes(limitBytes);
  const pace = seconds === undefined ? "" : `, ${formatDuration(seconds * 1_000)} at this pace`;
  return `${formatBytes(limitBytes)}, at most ${formatCount(left)} predictions away${pace}`;
}

function latencyOf({ latencyMs: latency }: SoakReport): string | undefined {
  if (latency === undefined) return undefined;
  const { p50, p90, p99, max } = latency;
  return `p50 ${formatMs(p50)}, p90 ${formatMs(p90)}, p99 ${formatMs(p99)}, slowest ${formatMs(max)}`;
}

/** What the server's own page says, others' requests included. */
function serverOf({ server }: SoakReport): string | undefined {
  if (server === undefined) return undefined;
  const parts = [`${formatCount(server.requests)} requests`];
  if (server.requestsPerSecond !== undefined) parts.push(formatRate(server.requestsPerSecond));
  if (server.errorRatio !== undefined) parts.push(`${formatShare(server.errorRatio)} errors`);
  const { latency } = server;
  if (latency !== undefined) parts.push(`p50 ${formatMs(latency.p50Ms)}`, `p99 ${formatMs(latency.p99Ms)}`);
  return parts.join(", ");
}
