/** A screen has no more columns to draw them in, and a page is to open at once. */
const MOST_POINTS = 1_000;

/** Indexes of at most about a thousand of `length` points, evenly spread, the first and the last one among them. */
export function thinned(length: number): number[] {
  const step = Math.max(1, Math.ceil(length / MOST_POINTS));
  const indexes = Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step);
  if (length > 0 && indexes.at(-1) !== length - 1) indexes.push(length - 1);
  return indexes;
}
