import { describe, expect, it } from "vitest";
import { autocorrelationFactor } from "../../src/statistics/autocorrelation-factor.ts";
import { histogramQuantile } from "../../src/statistics/histogram-quantile.ts";
import { mannKendall } from "../../src/statistics/mann-kendall.ts";
import { median } from "../../src/statistics/median.ts";
import { quantile } from "../../src/statistics/quantile.ts";
import { ranks } from "../../src/statistics/ranks.ts";
import { spread } from "../../src/statistics/spread.ts";
import { residualsOf, theilSen } from "../../src/statistics/theil-sen.ts";
import fc from "./fast-check.ts";

const number = fc.integer({ min: -1_000_000, max: 1_000_000 });
const series = fc.array(number, { minLength: 4, maxLength: 40 });
const places = (values: readonly number[]) => values.map((_, index) => index);

describe("theilSen", () => {
  it("finds a line exactly, whatever it is", () => {
    fc.assert(
      fc.property(number, number, fc.integer({ min: 6, max: 30 }), (slope, start, length) => {
        const y = Array.from({ length }, (_, index) => start + slope * index);
        const line = theilSen(places(y), y, { z: 1 });
        expect(line.slope).toBe(slope);
        expect(line.lower).toBe(slope);
        expect(line.upper).toBe(slope);
        expect(line.intercept).toBe(start);
      }),
    );
  });

  it("has its bounds on either side, further apart for more certainty and for noise that remembers", () => {
    fc.assert(
      fc.property(series, (y) => {
        const x = places(y);
        const near = theilSen(x, y, { z: 1 });
        const far = theilSen(x, y, { z: 2, varianceFactor: 1.5 });
        expect(near.lower).toBeLessThanOrEqual(near.slope);
        expect(near.upper).toBeGreaterThanOrEqual(near.slope);
        expect(far.lower).toBeLessThanOrEqual(near.lower);
        expect(far.upper).toBeGreaterThanOrEqual(near.upper);
      }),
    );
  });

  it("turns over with its values, and scales with them", () => {
    fc.assert(
      fc.property(series, (y) => {
        const x = places(y);
        const line = theilSen(x, y, { z: 1 });
        const over = theilSen(
          x,
          y.map((value) => -2 * value),
          { z: 1 },
        );
        expect(over.slope).toBeCloseTo(-2 * line.slope, 6);
        expect(over.lower).toBe(line.upper === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : -2 * line.upper);
      }),
    );
  });

  it("is not moved by one wild value", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 29 }), number, (place, wild) => {
        const y = Array.from({ length: 30 }, (_, index) => 3 * index);
        y[place] = wild;
        expect(theilSen(places(y), y, { z: 1 }).slope).toBe(3);
      }),
    );
  });
});

describe("mannKendall", () => {
  it("counts the same in reverse, with the other sign", () => {
    fc.assert(
      fc.property(series, (values) => {
        const there = mannKendall(values);
        const back = mannKendall(values.toReversed());
        expect(back.s + there.s).toBe(0);
        expect(back.variance).toBeCloseTo(there.variance, 6);
      }),
    );
  });

  it("knows only the order: any rising function of the values changes nothing", () => {
    fc.assert(
      fc.property(series, (values) => {
        expect(mannKendall(values.map((value) => value ** 3))).toEqual(mannKendall(values));
      }),
    );
  });

  it("sees no trend in equal values", () => {
    fc.assert(
      fc.property(number, fc.integer({ min: 1, max: 30 }), (value, length) => {
        expect(mannKendall(new Array<number>(length).fill(value)).z).toBe(0);
      }),
    );
  });
});

describe("autocorrelationFactor", () => {
  it("never narrows and is always a number", () => {
    fc.assert(
      fc.property(series, (values) => {
        const factor = autocorrelationFactor(residualsOf(places(values), values, 1));
        expect(factor).toBeGreaterThanOrEqual(1);
        expect(Number.isFinite(factor)).toBe(true);
      }),
    );
  });
});

describe("quantiles", () => {
  it("rise with the share, from the least value to the greatest, and half way is the median", () => {
    fc.assert(
      fc.property(series, fc.double({ min: 0, max: 1, noNaN: true }), (values, p) => {
        expect(quantile(values, 0)).toBe(Math.min(...values));
        expect(quantile(values, 1)).toBe(Math.max(...values));
        expect(quantile(values, p)).toBeLessThanOrEqual(quantile(values, Math.min(1, p + 0.1)));
        expect(quantile(values, 0.5)).toBe(median(values));
      }),
    );
  });

  it("of a histogram lie in the bucket that holds them", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 1 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, p) => {
          const limits = [10, 20, 50, 100, Number.POSITIVE_INFINITY];
          const buckets = limits.map((limit) => ({ limit, count: values.filter((value) => value <= limit).length }));
          const found = histogramQuantile(buckets, p);
          expect(found).toBeGreaterThanOrEqual(0);
          expect(found).toBeLessThanOrEqual(100);
        },
      ),
    );
  });
});

describe("ranks", () => {
  it("add up to the same whatever the ties", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 5 })), (values) => {
        const sum = ranks(values).reduce((total, rank) => total + rank, 0);
        expect(sum).toBeCloseTo((values.length * (values.length + 1)) / 2, 9);
      }),
    );
  });
});

describe("spread", () => {
  it("does not mind where the values lie, and grows with their distances", () => {
    fc.assert(
      fc.property(series, number, (values, shift) => {
        expect(spread(values.map((value) => 2 * value + shift))).toBeCloseTo(2 * spread(values), 6);
      }),
    );
  });
});
