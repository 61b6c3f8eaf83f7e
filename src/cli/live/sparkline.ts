const BARS = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/**
 * Values as one line of bars, the last `width` of them; a blank for a value that is missing. `leastSpan` is what the whole
 * height stands for at least: noise shall not look like a mountain.
 */
export function sparkline(values: readonly (number | undefined)[], width: number, leastSpan = 0): string {
  const shown = width > 0 ? values.slice(-width) : [];
  const known = shown.filter((value) => value !== undefined);
  const least = Math.min(...known);
  const span = Math.max(Math.max(...known) - least, leastSpan);
  return shown.map((value) => (value === undefined ? " " : barOf(value - least, span))).join("");
}

function barOf(height: number, span: number): string {
  const step = span > 0 ? Math.round((height / span) * (BARS.length - 1)) : 0;
  return BARS[step] ?? " ";
}
