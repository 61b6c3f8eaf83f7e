import { ranks } from "./ranks.ts";

/** Two-sided 95 % of a normal distribution. */
const SIGNIFICANT = 1.959963984540054;

/**
 * By how much the variance of Mann-Kendall's S is larger than for independent values; at least 1.
 *
 * Memory remembers: a sample that lies high is followed by others that do, and a plain test takes that for a trend.
 * Takes what is left of the series once its trend is off. Only rank autocorrelations that are significant by themselves
 * count.
 *
 * @see Hamed and Rao, A modified Mann-Kendall trend test for autocorrelated data (1998), equation 10
 */
export function autocorrelationFactor(residuals: ArrayLike<number>): number {
  const n = residuals.length;
  if (n < 4) return 1;
  const ranked = ranks(residuals);
  const mean = (n + 1) / 2;
  const variance = covariance(ranked, mean, 0);
  if (variance === 0) return 1;
  const bound = SIGNIFICANT / Math.sqrt(n);
  let sum = 0;
  for (let lag = 1; lag < n - 2; lag++) {
    const correlation = covariance(ranked, mean, lag) / variance;
    if (Math.abs(correlation) > bound) sum += (n - lag) * (n - lag - 1) * (n - lag - 2) * correlation;
  }
  return Math.max(1, 1 + (2 * sum) / (n * (n - 1) * (n - 2)));
}

function covariance(values: Float64Array, mean: number, lag: number): number {
  let sum = 0;
  for (let i = lag; i < values.length; i++) sum += (values[i]! - mean) * (values[i - lag]! - mean);
  return sum;
}
