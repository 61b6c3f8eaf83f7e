import type { Bucket } from "../../statistics/histogram-quantile.ts";
import type { PrometheusSample } from "../memory/parse-prometheus-line.ts";

const SERVING = ":tensorflow:serving:";

/** What is read from the server's page, by what it is called here. */
const HISTOGRAMS = {
  latency: `${SERVING}request_latency`,
  runtime: `${SERVING}runtime_latency`,
  queueing: `${SERVING}batching_session:queuing_latency`,
  processed: `${SERVING}batching_session:processed_batch_size`,
  input: `${SERVING}batching_session:input_batch_size`,
} as const;
const REQUESTS = `${SERVING}request_count`;
/** What is read of a histogram: its `_count` is that of the last bucket once more. */
const PARTS = ["bucket", "sum"] as const;

export type HistogramName = keyof typeof HISTOGRAMS;

/** A cumulative histogram: counts by upper limit, and the sum, of which the server prints six digits. */
export interface Histogram {
  readonly limits: Map<number, number>;
  sum: number;
}

/** The counters of one model at one moment. Those of batching are the whole server's: they have no model. */
export interface MetricsSnapshot {
  readonly byStatus: Map<string, number>;
  readonly histograms: Readonly<Record<HistogramName, Histogram>>;
}

/** Names as they stand on the page, made once: a page may have a hundred thousand samples. */
const BY_NAME: ReadonlyMap<string, { readonly histogram: HistogramName; readonly part: (typeof PARTS)[number] }> =
  new Map(
    (Object.keys(HISTOGRAMS) as HistogramName[]).flatMap((histogram) =>
      PARTS.map((part) => [`${HISTOGRAMS[histogram]}_${part}`, { histogram, part }] as const),
    ),
  );

export const isServingMetric = (name: string): boolean => name === REQUESTS || BY_NAME.has(name);

/** Adds up the samples of a model, or of all models. */
export function takeSnapshot(samples: readonly PrometheusSample[], model: string | undefined): MetricsSnapshot {
  const empty = (): Histogram => ({ limits: new Map(), sum: 0 });
  const histograms = { latency: empty(), runtime: empty(), queueing: empty(), processed: empty(), input: empty() };
  const byStatus = new Map<string, number>();
  for (const { name, labels, value } of samples) {
    // Everything here only counts upwards: anything else is no count, and would spoil what it is added to.
    if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) continue;
    const named = labels["model_name"];
    if (model !== undefined && named !== undefined && named !== model) continue;
    if (name === REQUESTS) {
      const status = labels["status"] ?? "";
      byStatus.set(status, (byStatus.get(status) ?? 0) + value);
      continue;
    }
    const known = BY_NAME.get(name);
    if (known === undefined) continue;
    const histogram = histograms[known.histogram];
    if (known.part === "sum") {
      histogram.sum += value;
      continue;
    }
    const limit = labels["le"] === "+Inf" ? Number.POSITIVE_INFINITY : Number(labels["le"]);
    if (!Number.isNaN(limit)) histogram.limits.set(limit, (histogram.limits.get(limit) ?? 0) + value);
  }
  return { byStatus, histograms };
}

/** Whether a counter went back: the server was started anew in between. */
export function hasRestarted(now: MetricsSnapshot, before: MetricsSnapshot): boolean {
  const requests = (snapshot: MetricsSnapshot, status: string) => snapshot.byStatus.get(status) ?? 0;
  return (
    [...before.byStatus.keys()].some((status) => requests(now, status) < requests(before, status)) ||
    (Object.keys(HISTOGRAMS) as HistogramName[]).some(
      (key) => total(now.histograms[key]) < total(before.histograms[key]),
    )
  );
}

export function total({ limits }: Histogram): number {
  return limits.get(Number.POSITIVE_INFINITY) ?? 0;
}

/** What was counted since another snapshot, in rising order of the limits. */
export function bucketsSince(now: Histogram, before: Histogram | undefined): Bucket[] {
  return [...now.limits]
    .map(([limit, count]) => ({ limit, count: Math.max(0, count - (before?.limits.get(limit) ?? 0)) }))
    .sort((a, b) => a.limit - b.limit);
}
