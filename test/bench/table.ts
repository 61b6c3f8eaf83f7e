import { type Absence, type Figure, type Finding, isMet, type Rate } from "./finding.ts";

const MARKS = { true: "met", false: "missed", undefined: "" } as const;

/** A figure as people read it: `1.24 ms`, `33.4 kB`. */
export function formatFigure({ value, unit }: Figure): string {
  if (unit === "ns") return scaled(value, ["ns", "us", "ms", "s"]);
  return scaled(value, ["B", "kB", "MB", "GB"]);
}

export function formatGoal({ goal }: Finding): string {
  if (goal === undefined) return "";
  return `${goal.kind === "at least" ? ">=" : "<="} ${goal.value}x`;
}

export function formatRatio({ ratio }: Finding): string {
  return `${ratio >= 100 ? ratio.toFixed(0) : ratio >= 10 ? ratio.toFixed(1) : ratio.toFixed(2)}x`;
}

export function formatMark(finding: Finding): string {
  return MARKS[String(isMet(finding)) as keyof typeof MARKS];
}

const HEAD = ["work", "against", "ours", "theirs", "ratio", "goal", ""];

export function toCells(finding: Finding): string[] {
  const { work, against, ours, theirs } = finding;
  return [
    work,
    against,
    formatFigure(ours),
    formatFigure(theirs),
    formatRatio(finding),
    formatGoal(finding),
    formatMark(finding),
  ];
}

/** The findings as a Markdown table, which reads well on a terminal too. */
export function toTable(findings: readonly Finding[], absences: readonly Absence[]): string {
  const missing = absences.map(({ work, reason }) => [work, reason, "", "", "", "", "not run"]);
  return markdown(HEAD, [...findings.map(toCells), ...missing], 2);
}

export function toRateTable(rates: readonly Rate[]): string {
  const rows = rates.map(({ work, caller, perSecond, p50Ns, p99Ns, cpuNs }) => [
    work,
    caller,
    perSecond.toFixed(0),
    ...[p50Ns, p99Ns, cpuNs].map((value) => formatFigure({ value, unit: "ns" })),
  ]);
  return markdown(["call", "client", "calls/s", "p50", "p99", "client CPU a call"], rows, 2);
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[], textColumns: number): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((row) => row[column]!.length)));
  const pad = (cell: string, column: number) =>
    column < textColumns ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!);
  const line = (cells: readonly string[]) => `| ${cells.map(pad).join(" | ")} |`;
  const rule = widths.map((width, column) => (column < textColumns ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}

function scaled(value: number, units: readonly string[]): string {
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step++;
  }
  return `${value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)} ${units[step]}`;
}
