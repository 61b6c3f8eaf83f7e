import { FastFuse } from "../../src/health/leak/fast-fuse.ts";
import { judgeGrowth, type LeakVerdict } from "../../src/health/leak/leak-rule.ts";
import { quantile } from "../../src/statistics/quantile.ts";
import type { Family } from "./families.ts";
import { source } from "./noise.ts";
import { SIGMA_BYTES, type StoryOptions, soakStory } from "./story.ts";

/** How often each verdict was given, as shares of all seeds. */
export type Shares = Readonly<Record<LeakVerdict, number>>;

function share(verdicts: readonly LeakVerdict[]): Shares {
  const of = (verdict: LeakVerdict) => verdicts.filter((found) => found === verdict).length / verdicts.length;
  return { leak: of("leak"), suspected: of("suspected"), stable: of("stable"), inconclusive: of("inconclusive") };
}

const seedsUpTo = (count: number) => Array.from({ length: count }, (_, seed) => seed);

/** The story: 50 MB a prediction. After how many predictions and bytes it was suspected, and how the soak ended. */
export async function replayStory(seeds: number) {
  const runs = [];
  for (const seed of seedsUpTo(seeds)) {
    const report = await soakStory({ seed, predictions: 100, leakBytes: 50e6 });
    runs.push({
      suspectedAfter: report.suspectedAfter ?? Number.POSITIVE_INFINITY,
      growthBytes: report.growthBytes ?? 0,
      ended: report.verdict === "leak" || (report.verdict === "suspected" && report.end === "fuse"),
    });
  }
  return runs;
}

/** Verdicts over two windows of `n` samples of a family. */
export function judgeFamily({ shape }: Family, { seeds, n, rho }: { seeds: number; n: number; rho: number }): Shares {
  return share(
    seedsUpTo(seeds).map((seed) => {
      const { random, noise } = source(seed, rho);
      const at = shape({ random, n, sigma: SIGMA_BYTES });
      const points = Array.from({ length: 2 * n }, (_, i) => ({ x: i, bytes: 8e9 + at(i) + SIGMA_BYTES * noise() }));
      return judgeGrowth(points).verdict;
    }),
  );
}

/** Verdicts of whole soaks, with no fuse in the way. */
export async function judgeSoaks(seeds: number, story: Omit<StoryOptions, "seed">): Promise<Shares> {
  const verdicts: LeakVerdict[] = [];
  for (const seed of seedsUpTo(seeds)) {
    verdicts.push((await soakStory({ ...story, fuseBytes: Number.MAX_VALUE, seed })).verdict);
  }
  return share(verdicts);
}

export interface FuseRun {
  /** Above the start, by seconds since the rise began. */
  readonly rise: (second: number) => number;
  readonly sigma: number;
  /** Whether a version is LOADING at that second. */
  readonly loading?: (second: number) => boolean;
}

/** Seconds from the beginning of the rise to the alarm; Infinity where there was none within five minutes. */
export function timeFuse(seeds: number, { rise, sigma, loading }: FuseRun): number[] {
  const QUIET_SECONDS = 30;
  return seedsUpTo(seeds).map((seed) => {
    const { noise } = source(seed);
    const fuse = new FastFuse();
    for (let second = -QUIET_SECONDS; second <= 300; second++) {
      const bytes = 8e9 + rise(Math.max(0, second)) + sigma * noise();
      const modelsMove = loading?.(second) ?? false;
      const { alarm } = fuse.add({ atMs: second * 1_000, bytes, limitBytes: 32e9, modelsMove });
      if (alarm) return second;
    }
    return Number.POSITIVE_INFINITY;
  });
}

export function alarmShare(times: readonly number[]): number {
  return times.filter(Number.isFinite).length / times.length;
}

export function medianAndP99(times: readonly number[]): { readonly median: number; readonly p99: number } {
  const sorted = times.toSorted((a, b) => a - b);
  return { median: quantile(sorted, 0.5), p99: sorted[Math.ceil(0.99 * sorted.length) - 1] ?? Number.NaN };
}

/** A version that takes 40 s to load 6 GB, as status requests show it. */
export const LOAD: FuseRun = {
  rise: (second) => Math.min(6e9, second * 150e6),
  sigma: SIGMA_BYTES,
  loading: (second) => second >= 0 && second <= 40,
};

export const warmUp = (bytes: number, tau: number): FuseRun => ({
  rise: (second) => bytes * (1 - Math.exp(-second / tau)),
  sigma: SIGMA_BYTES,
});
