import { median } from "../../statistics/median.ts";
import { largestFall, type MemoryPoint, type Trend, trendOf } from "./trend.ts";

/**
 * What is said of memory.
 *
 * - `leak`: it rises, the rise goes on, and a second stretch of time says so too
 * - `suspected`: it rises as a leak would, not confirmed yet
 * - `stable`: it has settled, as far as was looked
 * - `inconclusive`: nothing was found out; look longer, or look at why
 */
export type LeakVerdict = "leak" | "suspected" | "stable" | "inconclusive";

/** A stretch of points that was judged by itself, and the line through it. */
export interface GrowthWindow {
  /** The first and the last of its points, counted from 0 among all that were given. */
  readonly first: number;
  readonly last: number;
  /** The fitted line at these two. */
  readonly startBytes: number;
  readonly endBytes: number;
}

export interface Growth {
  readonly verdict: LeakVerdict;
  /** Why, in the middle of a sentence: "memory rises and goes on rising". */
  readonly reason: string;
  /** All that was looked at, without its beginning; undefined when there was too little. */
  readonly trend: Trend | undefined;
  /** What was judged: two windows, one where there was too little for two, none where there was too little for one. */
  readonly windows: readonly GrowthWindow[];
}

/** Growth below this is never called a leak: allocators take and give back this much. 64 MB. */
export const FLOOR_BYTES = 64e6;
/** Growth of a stretch must be this many standard deviations of its noise. */
const NOISE_FACTOR = 3;
/** Of the first stretch, this share is warm-up and not looked at. */
const WARM_UP_SHARE = 0.2;
/** Two stretches of 40 are the least that confirms a leak, or that memory is stable. */
export const POINTS_FOR_VERDICT = 80;
/** Fewer cannot tell a rise from noise with 99 % certainty. */
const POINTS_FOR_SUSPICION = 7;
/** A leak goes on: its second stretch rises this much of what the first did. */
const GOES_ON = 0.6;
/** What settles: the second stretch rises at most this much of what the first did. */
const SETTLES = 0.25;
/** Growth that cannot be more than this is none to speak of, however surely it rises: heaps breathe. 16 MB. */
const NEGLIGIBLE_BYTES = 16e6;
/** Between the end of one stretch and the beginning of the next, a leak rises too: this share of the usual step. */
const CONTINUES = 0.25;
/** More than this many points are thinned out before: the work grows with their square. */
const MOST_POINTS = 400;

/**
 * Judges memory by the two-window rule: what rises in one stretch, and again as much in the next one that shares no
 * sample with it, without a fall, above the noise and above 64 MB each time, is a leak. All else has other causes
 * too often: warm-up, an arena that grew, a cache that fills, a sawtooth of a collector.
 *
 * Points in the order they were taken, about evenly spaced.
 */
export function judgeGrowth(points: readonly MemoryPoint[], floorBytes = FLOOR_BYTES): Growth {
  const size = Math.max(1, Math.ceil(points.length / MOST_POINTS));
  const kept = thin(points, size);
  const enough = kept.length * (1 - WARM_UP_SHARE / 2) >= POINTS_FOR_VERDICT;
  // 20 % of the first of two stretches is 10 % of the whole.
  const share = enough ? WARM_UP_SHARE / 2 : WARM_UP_SHARE;
  const start = Math.floor(kept.length * share);
  const looked = kept.slice(start);
  if (looked.length < POINTS_FOR_SUSPICION) {
    return {
      verdict: "inconclusive",
      reason: `${points.length} samples of memory are too few`,
      trend: undefined,
      windows: [],
    };
  }
  const trend = trendOf(looked);
  const suspect = isLarge(trend, floorBytes) && trend.rising && trend.steady;
  const windowAt = (from: number, stretch: Trend): GrowthWindow => ({
    first: from * size,
    last: Math.min(points.length, (from + stretch.points) * size) - 1,
    startBytes: stretch.startBytes,
    endBytes: stretch.endBytes,
  });
  if (!enough) {
    const windows = [windowAt(start, trend)];
    return suspect
      ? { verdict: "suspected", reason: "memory rises, too few samples to confirm it", trend, windows }
      : { verdict: "inconclusive", reason: "no rise so far, too few samples to call it stable", trend, windows };
  }
  const half = Math.floor(looked.length / 2);
  const first = trendOf(looked.slice(0, half));
  const second = trendOf(looked.slice(half));
  const windows = [windowAt(start, first), windowAt(start + half, second)];
  const held = largestFall(kept) <= mostFall(trend);
  if (held && leaks(first, floorBytes) && leaks(second, floorBytes) && goesOn(first, second)) {
    return { verdict: "leak", reason: "memory rises, and goes on rising", trend, windows };
  }
  if (hasSettled(trend, first, second, floorBytes)) {
    return { verdict: "stable", reason: "memory has settled", trend, windows };
  }
  return suspect
    ? { verdict: "suspected", reason: "memory rises, the second half does not confirm it", trend, windows }
    : { verdict: "inconclusive", reason: unsettled(trend, second), trend, windows };
}

/** What one stretch of a leak looks like. */
function leaks(trend: Trend, floorBytes: number): boolean {
  return trend.rising && trend.steady && isLarge(trend, floorBytes) && trend.fallBytes <= mostFall(trend);
}

/** A leak gives nothing back: what falls further, beside its growth and its noise, is the work of a collector. */
function mostFall({ noiseBytes, growthBytes }: Trend): number {
  return Math.max(4 * noiseBytes, growthBytes / 2);
}

function isLarge(trend: Trend, floorBytes: number): boolean {
  return trend.growthBytes >= Math.max(NOISE_FACTOR * trend.noiseBytes, floorBytes);
}

function goesOn(first: Trend, second: Trend): boolean {
  const step = (first.growthBytes + second.growthBytes) / 6;
  return second.slope >= GOES_ON * first.slope && second.thirds[0] - first.thirds[2] >= CONTINUES * step;
}

/** Flat at the end, and not because a small rise hides there: over the whole there is none, or it has come to its end. */
function hasSettled(whole: Trend, first: Trend, second: Trend, floorBytes: number): boolean {
  const flat = !second.rising && second.mostGrowthBytes <= Math.max(floorBytes, NOISE_FACTOR * second.noiseBytes);
  if (!flat && !isNegligible(second)) return false;
  return !whole.rising || isNegligible(whole) || second.slope <= SETTLES * first.slope;
}

function isNegligible(trend: Trend): boolean {
  return trend.mostGrowthBytes <= NEGLIGIBLE_BYTES;
}

function unsettled(whole: Trend, second: Trend): string {
  if (second.rising) return "memory rises, too little or too unevenly to call it a leak";
  if (whole.rising) return "memory rose and slowed down, it has not settled yet";
  return "memory moves too much to tell";
}

/** Neighbours are put together, each group by the medians of its members. */
function thin(points: readonly MemoryPoint[], size: number): readonly MemoryPoint[] {
  if (size === 1) return points;
  const groups: MemoryPoint[] = [];
  for (let start = 0; start < points.length; start += size) {
    const group = points.slice(start, start + size);
    groups.push({ x: median(group.map(({ x }) => x)), bytes: median(group.map(({ bytes }) => bytes)) });
  }
  return groups;
}
