import { quantile } from "../../statistics/quantile.ts";
import { formatBytes } from "../format-bytes.ts";
import type { ServerFigures } from "../metrics/server-figures.ts";
import type { Growth, GrowthWindow, LeakVerdict } from "./leak-rule.ts";
import type { MemoryPoint } from "./trend.ts";

/** Why a soak ended. */
export type SoakEnd = "done" | "fuse" | "failures" | "memory" | "restart" | "signal";

/** What a soak found. */
export interface SoakReport {
  readonly verdict: LeakVerdict;
  /** One line for a person: what was found, and what to do about it. */
  readonly output: string;
  readonly model: string;
  /**
   * - `done`: all predictions were sent, or the time was over
   * - `fuse`: memory grew by `fuseBytes`, no more was sent
   * - `failures`: three predictions in a row failed
   * - `memory`: memory could not be read, or not lately
   * - `restart`: the process is another one than at the beginning
   * - `signal`: the caller ended it
   */
  readonly end: SoakEnd;
  readonly predictions: number;
  readonly failures: number;
  /** Whether the inputs were made up: zeros or random ones. */
  readonly synthetic: boolean;
  /** After how many predictions a leak was first suspected. */
  readonly suspectedAfter: number | undefined;
  /** How much memory grows with each prediction, and the bounds of that with 99 % certainty each. */
  readonly bytesPerPrediction: number | undefined;
  readonly leastBytesPerPrediction: number | undefined;
  readonly mostBytesPerPrediction: number | undefined;
  readonly bytesPerSecond: number | undefined;
  /** Memory before the first prediction, at the end, and the difference. */
  readonly startBytes: number | undefined;
  readonly endBytes: number | undefined;
  readonly growthBytes: number | undefined;
  /** How far single readings lie from the line: one standard deviation. */
  readonly noiseBytes: number | undefined;
  readonly limitBytes: number | undefined;
  /** Verdict `leak` or `suspected`: the limit is reached within so many predictions, at the lower bound of the growth. */
  readonly predictionsToLimit: number | undefined;
  /** The same in seconds, at the pace of this soak. */
  readonly secondsToLimit: number | undefined;
  readonly durationMs: number;
  /** How long predictions took that succeeded; undefined when none did. */
  readonly latencyMs:
    | { readonly p50: number; readonly p90: number; readonly p99: number; readonly max: number }
    | undefined;
  /** What the server itself counted meanwhile, others' requests included; undefined where its page was not read. */
  readonly server: ServerFigures | undefined;
  /** Every reading of memory, in order: for charts. */
  readonly samples: readonly SoakSample[];
  /** What the verdict was judged by, as indexes of `samples`: two windows, or one where there was too little for two. */
  readonly windows: readonly GrowthWindow[];
}

/** Memory after so many predictions. */
export interface SoakSample {
  readonly predictions: number;
  /** Since the beginning of the soak. */
  readonly atMs: number;
  readonly bytes: number;
  /** How long the prediction before it took; undefined when that one failed, and before the first one. */
  readonly latencyMs: number | undefined;
}

/** What a run has gathered when it ends. */
export interface SoakFindings {
  readonly name: string;
  readonly model: string;
  readonly end: SoakEnd;
  /** What ended it, where that needs words. */
  readonly cause: string | undefined;
  readonly growth: Growth;
  readonly predictions: number;
  readonly failures: number;
  readonly synthetic: boolean;
  readonly suspectedAfter: number | undefined;
  readonly limitBytes: number | undefined;
  readonly durationMs: number;
  readonly latenciesMs: readonly number[];
  readonly samples: readonly SoakSample[];
  readonly points: readonly MemoryPoint[];
  readonly server: ServerFigures | undefined;
}

export function toSoakReport(findings: SoakFindings): SoakReport {
  const { growth, samples, points, latenciesMs, durationMs, limitBytes } = findings;
  const { trend } = growth;
  const verdict = verdictOf(findings);
  const first = samples[0];
  const last = samples.at(-1);
  const alarming = verdict === "leak" || verdict === "suspected";
  const least = trend !== undefined && Number.isFinite(trend.lower) ? trend.lower : undefined;
  const steps = points.length < 2 ? 0 : points.at(-1)!.x - points[0]!.x;
  const predictionsToLimit =
    alarming && least !== undefined && least > 0 && limitBytes !== undefined && last !== undefined
      ? Math.max(0, Math.floor((limitBytes - last.bytes) / least))
      : undefined;
  const secondsPerStep = steps > 0 ? durationMs / 1_000 / steps : undefined;
  const figures = {
    bytesPerPrediction: trend?.slope,
    leastBytesPerPrediction: least,
    mostBytesPerPrediction: trend !== undefined && Number.isFinite(trend.upper) ? trend.upper : undefined,
    bytesPerSecond: trend === undefined || !secondsPerStep ? undefined : trend.slope / secondsPerStep,
    startBytes: first?.bytes,
    endBytes: last?.bytes,
    growthBytes: first && last ? last.bytes - first.bytes : undefined,
    noiseBytes: trend?.noiseBytes,
    predictionsToLimit,
    secondsToLimit:
      predictionsToLimit === undefined || secondsPerStep === undefined
        ? undefined
        : predictionsToLimit * secondsPerStep,
  };
  return {
    verdict,
    output: describe(findings, verdict, figures),
    model: findings.model,
    end: findings.end,
    predictions: findings.predictions,
    failures: findings.failures,
    synthetic: findings.synthetic,
    suspectedAfter: findings.suspectedAfter,
    ...figures,
    limitBytes,
    durationMs,
    latencyMs:
      latenciesMs.length === 0
        ? undefined
        : {
            p50: quantile(latenciesMs, 0.5),
            p90: quantile(latenciesMs, 0.9),
            p99: quantile(latenciesMs, 0.99),
            max: Math.max(...latenciesMs),
          },
    server: findings.server,
    samples,
    windows: growth.windows,
  };
}

/** A run that broke off proves no stability, and a fuse that blew is a suspicion by itself. */
function verdictOf({ end, growth }: SoakFindings): LeakVerdict {
  if (growth.verdict === "leak" || growth.verdict === "suspected") return growth.verdict;
  if (end === "fuse") return "suspected";
  return end === "done" ? growth.verdict : "inconclusive";
}

type Figures = Pick<
  SoakReport,
  "bytesPerPrediction" | "leastBytesPerPrediction" | "mostBytesPerPrediction" | "growthBytes" | "predictionsToLimit"
>;

function describe(
  { name, end, cause, growth, predictions }: SoakFindings,
  verdict: LeakVerdict,
  figures: Figures,
): string {
  const many = `${predictions} prediction${predictions === 1 ? "" : "s"}`;
  const grew = figures.growthBytes === undefined ? "" : ` (${formatBytes(figures.growthBytes)} in ${many})`;
  const each =
    figures.bytesPerPrediction === undefined ? "" : ` ${formatBytes(figures.bytesPerPrediction)} a prediction`;
  const limit =
    figures.predictionsToLimit === undefined
      ? ""
      : `; the limit is at most ${figures.predictionsToLimit} predictions away`;
  const stopped = end === "fuse" ? "; no more were sent, to do no damage" : "";
  switch (verdict) {
    case "leak":
      return `${name} leaks${each}${grew}${limit}${stopped}: keep it from traffic, go back to the version before`;
    case "suspected":
      return `${name} is suspected of a leak:${each}${grew}${limit}${stopped}: keep it from traffic, ${
        end === "fuse" ? "or raise fuseBytes if it warms up so much" : "and soak it with more predictions"
      }`;
    case "stable":
      return `${name} is stable over ${many}: memory has settled, at most ${formatBytes(
        Math.max(0, figures.mostBytesPerPrediction ?? 0),
      )} a prediction`;
    case "inconclusive":
      return `${name}: nothing was found out over ${many}, ${cause ?? growth.reason}; ${ADVICE[end]}`;
  }
}

const ADVICE: Readonly<Record<SoakEnd, string>> = {
  done: "soak it with more predictions, 100 at least",
  fuse: "raise fuseBytes",
  failures: "repair the predictions first",
  memory: "repair the memory source",
  restart: "look for what ended the process, then soak anew",
  signal: "soak it to the end",
};
