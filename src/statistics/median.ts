import { ascending } from "./ascending.ts";
import { quantileOfSorted } from "./quantile.ts";

/** The value in the middle, of an even number of values the mean of the two there; NaN of none. */
export function median(values: ArrayLike<number>): number {
  return quantileOfSorted(ascending(values), 0.5);
}
