import { describe, expect, it } from "vitest";
import { isSteady, medianOfThirds } from "../../../src/statistics/thirds.ts";

const series = (length: number, at: (index: number) => number) => Array.from({ length }, (_, index) => at(index));

describe("medianOfThirds", () => {
  it("gives what does not divide to the middle", () => {
    expect(medianOfThirds([1, 2, 3, 4, 5, 6, 7])).toEqual([1.5, 4, 6.5]);
  });
});

describe("isSteady", () => {
  it("holds for a line", () => {
    expect(isSteady(series(30, (index) => index))).toBe(true);
  });

  it("does not hold for what settles", () => {
    expect(isSteady(series(30, (index) => 1 - Math.exp(-index / 6)))).toBe(false);
  });

  it("holds for what speeds up", () => {
    expect(isSteady(series(30, (index) => index ** 2))).toBe(true);
  });
});
