import { median } from "./median.ts";

/** Medians of the first, second and last third of a series. */
export function medianOfThirds(values: ArrayLike<number>): readonly [number, number, number] {
  const third = Math.floor(values.length / 3);
  const all = Float64Array.from(values);
  return [
    median(all.subarray(0, third)),
    median(all.subarray(third, all.length - third)),
    median(all.subarray(all.length - third)),
  ];
}

/** A rise that goes on gains in its second half at least this share of what it gained in its first. */
const STEADY = 0.4;

/**
 * Whether a rise goes on as it began. What warms up slows down: of a curve that settles, the last third gains a small part
 * of what the second one gained.
 */
export function isSteady(values: ArrayLike<number>): boolean {
  const [first, second, last] = medianOfThirds(values);
  return last - second >= STEADY * (second - first);
}
