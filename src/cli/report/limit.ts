import { formatBytes, formatShare } from "../quantities.ts";
import type { Series } from "./chart.ts";

/** A limit further away would press all else into a line at the bottom. */
const NEAR = 1.5;

function isNear(bytes: readonly (number | null)[], limitBytes: number): boolean {
  return limitBytes <= NEAR * mostOf(bytes);
}

/** The limit as a line, where it is near enough to be seen. */
export function limitSeries(bytes: readonly (number | null)[], limitBytes: number | undefined): Series[] {
  if (limitBytes === undefined || !isNear(bytes, limitBytes)) return [];
  return [{ label: "limit", values: bytes.map(() => limitBytes), color: 4, dashed: true }];
}

/** What to say of the limit under a chart of memory. */
export function limitNote(bytes: readonly (number | null)[], limitBytes: number | undefined): string {
  if (limitBytes === undefined) return "No limit is known.";
  const share = formatShare(mostOf(bytes) / limitBytes);
  const place = isNear(bytes, limitBytes) ? "" : " It lies above this chart.";
  return `At most ${share} of the limit of ${formatBytes(limitBytes)} were in use.${place}`;
}

function mostOf(bytes: readonly (number | null)[]): number {
  return bytes.reduce<number>((most, value) => Math.max(most, value ?? 0), 0);
}
