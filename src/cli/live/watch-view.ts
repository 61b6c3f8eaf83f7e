import type { HealthStatus, LeakGuardReport } from "../../health.ts";
import { printable } from "../output.ts";
import { formatBytes, formatDuration, formatGrowth, formatMs, formatRate, formatShare } from "../quantities.ts";
import type { Style, Terminal } from "../terminal.ts";
import { sparkline } from "./sparkline.ts";
import { isLeaking, type WatchSample } from "./watch-sample.ts";

/** A piece of a line, in a style or plain. */
type Piece = string | readonly [style: Style, text: string];
type Line = readonly Piece[];

const NAME_WIDTH = 11;
/** Versions that ended stay with the server for good; so many lines are enough. */
const MOST_VERSIONS = 6;
/** What a heap breathes by: a line of memory that moves less looks flat. 16 MB. */
export const LEAST_SPAN_BYTES = 16e6;

const HEALTH_STYLES: Readonly<Record<HealthStatus, Style>> = {
  pass: "good",
  warn: "careful",
  fail: "bad",
  inconclusive: "careful",
};

/** The picture of a watch: lines of a terminal, none wider than `columns`. */
export function drawWatch(
  samples: readonly WatchSample[],
  columns: number,
  paint: Terminal["paint"],
): readonly string[] {
  const sample = samples.at(-1);
  if (sample === undefined) return [];
  const lines: Line[] = [
    headOf(sample),
    [],
    ...versionsOf(sample),
    ...probeOf(sample),
    ...serverOf(sample),
    ...memoryOf(samples, columns),
    ...verdictOf(sample, columns),
    [],
    [["dim", "Ctrl+C ends"]],
  ];
  return lines.map((line) => render(line, columns, paint));
}

function headOf({ model, endpoint, time, elapsedMs }: WatchSample): Line {
  return [
    ["strong", printable(model)],
    `  ${endpoint}  `,
    ["dim", `${time.slice(11, 19)} UTC, watching for ${formatDuration(elapsedMs)}`],
  ];
}

function versionsOf({ versions, statusError }: WatchSample): Line[] {
  if (versions === undefined) return [row("versions", [["bad", printable(statusError ?? "not known")]])];
  const order = [...versions].sort((a, b) => Number(a.state === "END") - Number(b.state === "END"));
  const shown = order.slice(0, MOST_VERSIONS).map(({ version, state, error }, index) => {
    const style: Style = state === "AVAILABLE" ? "good" : error === undefined ? "careful" : "bad";
    const why = error === undefined ? "" : printable(`  ${error.code}: ${error.message}`);
    const isQuiet = state === "END" && error === undefined;
    return row(index === 0 ? "versions" : "", [`${version} `, [isQuiet ? "dim" : style, state], why]);
  });
  const more = order.length - shown.length;
  return more > 0 ? [...shown, row("", [["dim", `and ${more} more`]])] : shown;
}

function probeOf({ probe }: WatchSample): Line[] {
  if (probe.state === "off") return [row("probe", [["dim", "off"]])];
  const { last, latencyMs: latency } = probe;
  const counts = `${probe.sent} sent${probe.failed > 0 ? `, ${probe.failed} failed` : ""}`;
  const next: Piece =
    probe.state === "paused"
      ? ["careful", "paused, not to feed a leak"]
      : `next in ${formatDuration((probe.secondsToNext ?? 0) * 1_000)}`;
  if (last === undefined) return [row("probe", [`${counts}, no answer yet`])];
  const took = last.latencyMs === undefined ? "" : ` ${formatMs(last.latencyMs)}`;
  const lines = [
    row("probe", [
      [HEALTH_STYLES[last.status], last.status],
      `${took}, ${formatDuration(last.secondsAgo * 1_000)} ago; ${counts}; `,
      next,
    ]),
  ];
  if (last.status !== "pass") lines.push(row("", [printable(last.output)]));
  if (latency !== undefined) {
    const { p50, p90, max, count } = latency;
    lines.push(
      row("latency", [
        `p50 ${formatMs(p50)}  p90 ${formatMs(p90)}  slowest ${formatMs(max)}`,
        ["dim", `  of ${count === 1 ? "1 probe" : `${count} probes`}`],
      ]),
    );
  }
  return lines;
}

function serverOf({ server, serverError }: WatchSample): Line[] {
  if (serverError !== undefined) return [row("server", [["careful", printable(serverError)]])];
  if (server === undefined) return [];
  const { requestsPerSecond: rate, errorRatio, latency, restarted } = server;
  const parts = [
    rate === undefined ? "its rate is known after the next look" : formatRate(rate),
    ...(errorRatio === undefined ? [] : [`${formatShare(errorRatio)} errors`]),
    ...(latency === undefined
      ? []
      : [`p50 ${formatMs(latency.p50Ms)}  p90 ${formatMs(latency.p90Ms)}  p99 ${formatMs(latency.p99Ms)}`]),
  ];
  return [row("server", [parts.join("  "), ...(restarted ? [["careful", "  restarted"] as const] : [])])];
}

function memoryOf(samples: readonly WatchSample[], columns: number): Line[] {
  const sample = samples.at(-1);
  const memory = sample?.memory;
  if (sample === undefined || memory === undefined) return [];
  if (memory.bytes === undefined) return [row("memory", [["careful", printable(memory.output)]])];
  const values = samples.map((each) => each.memory?.bytes);
  const width = Math.max(0, columns - NAME_WIDTH);
  const shown = values.slice(-width);
  const known = shown.filter((value) => value !== undefined);
  const seconds = sample.elapsedMs - (samples.at(-shown.length)?.elapsedMs ?? 0);
  const { limitBytes } = memory;
  const limit =
    limitBytes === undefined ? "" : ` of ${formatBytes(limitBytes)} (${formatShare(memory.bytes / limitBytes)})`;
  const growth = growthOf(memory);
  const style: Style = isLeaking(sample) ? "bad" : "good";
  return [
    row("memory", [["strong", formatBytes(memory.bytes)], limit]),
    row("", [[style, sparkline(values, width, LEAST_SPAN_BYTES)]]),
    row("", [
      [
        "dim",
        `${formatBytes(Math.min(...known))} to ${formatBytes(Math.max(...known))} in the last ${formatDuration(seconds)}`,
      ],
    ]),
    ...(growth === "" ? [] : [row("growth", [[style === "bad" ? "bad" : "strong", growth]])]),
  ];
}

/** The slope that the rule has found; before it has enough samples there is none to speak of. */
export function growthOf({ growthPerStep, step, secondsToLimit }: LeakGuardReport): string {
  const slope = growthPerStep === undefined ? "" : `${formatGrowth(growthPerStep)} a ${step}`;
  const limit = secondsToLimit === undefined ? "" : `limit in ${formatDuration(secondsToLimit * 1_000)} at most`;
  return [slope, limit].filter((part) => part !== "").join(", ");
}

function verdictOf({ memory }: WatchSample, columns: number): Line[] {
  if (memory === undefined) return [row("verdict", [["dim", "none: no source of memory was given"]])];
  const style = { leak: "bad", suspected: "careful", stable: "good", inconclusive: "dim" } as const;
  const words = printable(`: ${memory.output}`).split(" ");
  const lines: Piece[][] = [[[style[memory.verdict], memory.verdict]]];
  let used = memory.verdict.length;
  for (const word of words) {
    const text = word === ":" ? word : ` ${word}`;
    if (used + text.length > columns - NAME_WIDTH && used > 0) {
      lines.push([word]);
      used = word.length;
    } else {
      lines.at(-1)?.push(text);
      used += text.length;
    }
  }
  return lines.map((line, index) => row(index === 0 ? "verdict" : "", line));
}

function row(name: string, pieces: Line): Line {
  return [["dim", name.padEnd(NAME_WIDTH)], ...pieces];
}

/** Cut where the terminal ends: a line that is broken by it would push the others down. */
function render(line: Line, columns: number, paint: Terminal["paint"]): string {
  let room = columns;
  const shown: string[] = [];
  for (const piece of line) {
    const [style, text] = typeof piece === "string" ? [undefined, piece] : piece;
    const cut = [...text].slice(0, room).join("");
    room -= [...cut].length;
    shown.push(style === undefined || cut === "" ? cut : paint(style, cut));
  }
  return shown.join("");
}
