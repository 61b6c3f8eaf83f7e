/** One bucket of a cumulative histogram: how many values are at most `limit`. */
export interface Bucket {
  /** Infinity for the last one. */
  readonly limit: number;
  readonly count: number;
}

/**
 * A quantile of values of which only a cumulative histogram is known, buckets in rising order: on a straight line inside
 * its bucket, which begins at 0 for the first. In the last bucket, which has no end, the limit below it is all that is
 * known. NaN where nothing was counted.
 *
 * @see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile
 */
export function histogramQuantile(buckets: readonly Bucket[], p: number): number {
  const total = buckets.at(-1)?.count ?? 0;
  if (!(total > 0)) return Number.NaN;
  const wanted = Math.min(1, Math.max(0, p)) * total;
  let limitBelow = 0;
  let countBelow = 0;
  for (const { limit, count } of buckets) {
    if (count >= wanted && count > countBelow) {
      if (limit === Number.POSITIVE_INFINITY) return limitBelow;
      return limitBelow + (limit - limitBelow) * Math.max(0, (wanted - countBelow) / (count - countBelow));
    }
    limitBelow = limit;
    countBelow = Math.max(countBelow, count);
  }
  return limitBelow;
}
