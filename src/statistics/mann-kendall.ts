import { ascending } from "./ascending.ts";

/** Whether values rise more often than they fall. */
export interface MannKendall {
  /** Pairs that rise less pairs that fall. */
  readonly s: number;
  /** Of `s` for values without a trend, ties taken into account. */
  readonly variance: number;
  /** `s` in standard deviations, drawn in by one: above 2.33 a trend upwards is real with 99 % certainty. */
  readonly z: number;
}

/**
 * The Mann-Kendall test for a trend, of values in the order in which they were taken.
 *
 * `varianceFactor` widens the variance for values that remember the ones before: see `autocorrelationFactor`.
 *
 * @see Mann, Nonparametric Tests Against Trend (1945); Kendall, Rank Correlation Methods (1975)
 */
export function mannKendall(values: ArrayLike<number>, varianceFactor = 1): MannKendall {
  let s = 0;
  for (let i = 0; i < values.length; i++) {
    for (let j = i + 1; j < values.length; j++) s += Math.sign(values[j]! - values[i]!);
  }
  const variance = varianceOfS(values) * varianceFactor;
  return { s, variance, z: variance > 0 ? (s - Math.sign(s)) / Math.sqrt(variance) : 0 };
}

function varianceOfS(values: ArrayLike<number>): number {
  const sorted = ascending(values);
  let variance = pairVariance(sorted.length);
  for (let first = 0; first < sorted.length; ) {
    let end = first + 1;
    while (end < sorted.length && sorted[end] === sorted[first]) end++;
    variance -= pairVariance(end - first);
    first = end;
  }
  // The parts of a series of equal values may leave a speck of rounding.
  return Math.max(0, variance);
}

/** The variance of S over `n` values without ties. */
export function pairVariance(n: number): number {
  return (n * (n - 1) * (2 * n + 5)) / 18;
}
