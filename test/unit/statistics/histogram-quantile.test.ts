import { describe, expect, it } from "vitest";
import { histogramQuantile } from "../../../src/statistics/histogram-quantile.ts";

const BUCKETS = [
  { limit: 10, count: 10 },
  { limit: 20, count: 30 },
  { limit: 40, count: 40 },
  { limit: Number.POSITIVE_INFINITY, count: 50 },
];

describe("histogramQuantile", () => {
  it("goes on a straight line inside a bucket, the first one from 0", () => {
    expect(histogramQuantile(BUCKETS, 0.1)).toBe(5);
    expect(histogramQuantile(BUCKETS, 0.4)).toBe(15);
    expect(histogramQuantile(BUCKETS, 0.7)).toBe(30);
  });

  it("says the last limit there is for what lies above it", () => {
    expect(histogramQuantile(BUCKETS, 0.99)).toBe(40);
  });

  it("is NaN where nothing was counted", () => {
    expect(histogramQuantile([], 0.5)).toBeNaN();
    expect(histogramQuantile([{ limit: 1, count: 0 }], 0.5)).toBeNaN();
  });

  it("passes over empty buckets", () => {
    const sparse = [
      { limit: 1, count: 0 },
      { limit: 2, count: 0 },
      { limit: 4, count: 8 },
    ];
    expect(histogramQuantile(sparse, 0)).toBe(2);
    expect(histogramQuantile(sparse, 1)).toBe(4);
  });
});
