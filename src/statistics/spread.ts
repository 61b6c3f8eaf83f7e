import { median } from "./median.ts";

/** Φ⁻¹(3/4) turned over: makes the median distance of normal values their standard deviation. */
const NORMAL = 1.482602218505602;

/**
 * The standard deviation as the middle of the values sees it: few wild ones do not count. The median absolute deviation
 * from the median, scaled for normal values; NaN of none.
 *
 * @see Rousseeuw and Croux, Alternatives to the Median Absolute Deviation (1993)
 */
export function spread(values: ArrayLike<number>): number {
  const middle = median(values);
  return NORMAL * median(Float64Array.from(values, (value) => Math.abs(value - middle)));
}
