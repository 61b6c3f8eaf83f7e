import { pairVariance } from "./mann-kendall.ts";
import { median } from "./median.ts";
import { quantileOfSorted } from "./quantile.ts";

/** A line through points of which some may be wild. */
export interface TheilSen {
  /** How much y rises for each unit of x; NaN where all x are equal. */
  readonly slope: number;
  /** What the slope is at least, with the certainty asked for; -Infinity where the points are too few to say. */
  readonly lower: number;
  /** What the slope is at most; Infinity where the points are too few to say. */
  readonly upper: number;
  /** Where the line is at x = 0. */
  readonly intercept: number;
}

/**
 * The median of the slopes between all pairs of points, and bounds for it.
 *
 * `z` is the certainty of each bound in standard deviations (1.645: 95 %, 2.326: 99 %), `varianceFactor` widens them for
 * points that remember the ones before: see `autocorrelationFactor`. The work grows with n² log n.
 *
 * @see Theil, A rank-invariant method of linear and polynomial regression analysis (1950); Sen, Estimates of the
 * Regression Coefficient Based on Kendall's Tau (1968)
 */
export function theilSen(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  { z, varianceFactor = 1 }: { readonly z: number; readonly varianceFactor?: number },
): TheilSen {
  const slopes = pairSlopes(x, y);
  const count = slopes.length;
  const slope = quantileOfSorted(slopes, 0.5);
  const reach = z * Math.sqrt(pairVariance(x.length) * varianceFactor);
  const entry = Math.floor((count - reach) / 2);
  const enough = entry >= 1;
  return {
    slope,
    lower: enough ? slopes[entry - 1]! : Number.NEGATIVE_INFINITY,
    upper: enough ? slopes[count - entry]! : Number.POSITIVE_INFINITY,
    intercept: median(y) - slope * median(x),
  };
}

/** What is left of the points once the line is taken off. */
export function residualsOf(x: ArrayLike<number>, y: ArrayLike<number>, slope: number): Float64Array {
  return Float64Array.from(y, (value, index) => value - slope * x[index]!);
}

function pairSlopes(x: ArrayLike<number>, y: ArrayLike<number>): Float64Array {
  const n = x.length;
  const slopes = new Float64Array((n * (n - 1)) / 2);
  let count = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const run = x[j]! - x[i]!;
      if (run !== 0) slopes[count++] = (y[j]! - y[i]!) / run;
    }
  }
  return slopes.subarray(0, count).sort();
}
