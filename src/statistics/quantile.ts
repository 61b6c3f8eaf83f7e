import { ascending } from "./ascending.ts";

/**
 * The value below which the share `p` of the values lies, on a straight line between neighbours; NaN of none.
 *
 * @see Hyndman and Fan, Sample Quantiles in Statistical Packages (1996), definition 7: numpy's default
 */
export function quantile(values: ArrayLike<number>, p: number): number {
  return quantileOfSorted(ascending(values), p);
}

/** {@link quantile} of values that are in rising order already. */
export function quantileOfSorted(sorted: ArrayLike<number>, p: number): number {
  if (sorted.length === 0) return Number.NaN;
  const place = Math.min(1, Math.max(0, p)) * (sorted.length - 1);
  const below = Math.floor(place);
  const low = sorted[below]!;
  const high = sorted[Math.ceil(place)]!;
  return low === high ? low : low + (high - low) * (place - below);
}
