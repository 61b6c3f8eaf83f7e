import { histogramQuantile } from "../../statistics/histogram-quantile.ts";
import { bucketsSince, type Histogram, type HistogramName, type MetricsSnapshot, total } from "./metrics-snapshot.ts";
import type { BatchFigures, LatencyFigures, ServerFigures } from "./server-figures.ts";

type Counted = Omit<ServerFigures, "seconds" | "restarted" | "partial">;

/** What was counted between two snapshots, or from the first on. Every number in it is finite. */
export function figuresSince(
  now: MetricsSnapshot,
  before: MetricsSnapshot | undefined,
  seconds: number | undefined,
): Counted {
  const byStatus: Record<string, number> = Object.create(null);
  let requests = 0;
  for (const [status, count] of now.byStatus) {
    byStatus[status] = count - (before?.byStatus.get(status) ?? 0);
    requests += byStatus[status];
  }
  const latency = (name: HistogramName) => latencyOf(now.histograms[name], before?.histograms[name]);
  return {
    requests,
    requestsPerSecond: seconds === undefined || seconds <= 0 ? undefined : requests / seconds,
    byStatus,
    errorRatio: requests > 0 ? (requests - (byStatus["OK"] ?? 0)) / requests : undefined,
    latency: latency("latency"),
    runtime: latency("runtime"),
    queueing: latency("queueing"),
    batches: batchesOf(now, before),
  };
}

/** The server counts microseconds. */
function latencyOf(now: Histogram, before: Histogram | undefined): LatencyFigures | undefined {
  const buckets = bucketsSince(now, before);
  const count = buckets.at(-1)?.count ?? 0;
  if (count === 0) return undefined;
  const at = (p: number) => histogramQuantile(buckets, p) / 1_000;
  return { count, p50Ms: at(0.5), p90Ms: at(0.9), p99Ms: at(0.99) };
}

function batchesOf(now: MetricsSnapshot, before: MetricsSnapshot | undefined): BatchFigures | undefined {
  const { processed, input } = now.histograms;
  const count = total(processed) - (before === undefined ? 0 : total(before.histograms.processed));
  if (count <= 0) return undefined;
  const ran = sumSince(processed, before?.histograms.processed);
  const sent = sumSince(input, before?.histograms.input);
  return {
    count,
    meanRows: ran === undefined ? undefined : ran / count,
    fill: ran === undefined || sent === undefined || ran === 0 ? undefined : sent / ran,
  };
}

/** Undefined where rounding to six digits may be more than a hundredth of the difference. */
function sumSince(now: Histogram, before: Histogram | undefined): number | undefined {
  const difference = now.sum - (before?.sum ?? 0);
  const rounding = now.sum < 1e6 ? 0 : 2e-6 * now.sum;
  return rounding > 0.01 * difference ? undefined : difference;
}
