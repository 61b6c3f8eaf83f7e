import { autocorrelationFactor } from "../../statistics/autocorrelation-factor.ts";
import { mannKendall } from "../../statistics/mann-kendall.ts";
import { spread } from "../../statistics/spread.ts";
import { residualsOf, theilSen } from "../../statistics/theil-sen.ts";
import { isSteady, medianOfThirds } from "../../statistics/thirds.ts";

/** Memory at one point of the way: after so many predictions, or so many seconds. */
export interface MemoryPoint {
  readonly x: number;
  readonly bytes: number;
}

/** Each bound and test holds with 99 % certainty. */
const Z = 2.326;

/** How memory went over a stretch of points. */
export interface Trend {
  readonly points: number;
  /** Bytes for each step of x, with its bounds. */
  readonly slope: number;
  readonly lower: number;
  readonly upper: number;
  /** Where the line begins and ends, in bytes: at the first point and at the last one. */
  readonly startBytes: number;
  readonly endBytes: number;
  /** What the slope makes of the whole stretch. */
  readonly growthBytes: number;
  /** Growth if the slope is at its upper bound. */
  readonly mostGrowthBytes: number;
  /** How far single samples lie from the line: one standard deviation. */
  readonly noiseBytes: number;
  /** Whether the rise is more than noise, noise that remembers included. */
  readonly rising: boolean;
  /** Whether the rise goes on as it began, where a warm-up slows down. */
  readonly steady: boolean;
  /** Medians of the thirds. */
  readonly thirds: readonly [number, number, number];
  /** The largest fall from a height reached before, single wild samples left out. */
  readonly fallBytes: number;
}

/** Looks at a stretch of memory. */
export function trendOf(points: readonly MemoryPoint[]): Trend {
  const x = Float64Array.from(points, (point) => point.x);
  const y = Float64Array.from(points, (point) => point.bytes);
  const plain = theilSen(x, y, { z: Z });
  const residuals = residualsOf(x, y, plain.slope);
  const varianceFactor = autocorrelationFactor(residuals);
  const line = varianceFactor > 1 ? theilSen(x, y, { z: Z, varianceFactor }) : plain;
  const length = points.length < 2 ? 0 : x[x.length - 1]! - x[0]!;
  return {
    points: points.length,
    slope: line.slope,
    lower: line.lower,
    upper: line.upper,
    startBytes: line.intercept + line.slope * (x[0] ?? 0),
    endBytes: line.intercept + line.slope * (x.at(-1) ?? 0),
    growthBytes: line.slope * length,
    mostGrowthBytes: line.upper * length,
    noiseBytes: spread(residuals),
    rising: line.lower > 0 && mannKendall(y, varianceFactor).z > Z,
    steady: isSteady(y),
    thirds: medianOfThirds(y),
    fallBytes: largestFall(points),
  };
}

/** The largest fall from a height reached before; of three neighbours the middle one counts. */
export function largestFall(points: readonly MemoryPoint[]): number {
  let height = Number.NEGATIVE_INFINITY;
  let fall = 0;
  for (let i = 1; i < points.length - 1; i++) {
    const [a, b, c] = [points[i - 1]!.bytes, points[i]!.bytes, points[i + 1]!.bytes];
    const middle = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    height = Math.max(height, middle);
    fall = Math.max(fall, height - middle);
  }
  return fall;
}
