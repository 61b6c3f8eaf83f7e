import { describe, expect, it } from "vitest";
import { quantile } from "../../../src/cli/quantile.ts";

describe("quantile", () => {
  it("is a value that was there", () => {
    const values = [5, 1, 4, 2, 3, 6, 7, 8, 9, 10];
    expect([0, 0.5, 0.9, 0.91, 1].map((p) => quantile(values, p))).toEqual([1, 5, 9, 10, 10]);
    expect(quantile([7], 0.5)).toBe(7);
  });

  it("leaves the values in their order", () => {
    const values = [3, 1, 2];
    quantile(values, 0.5);
    expect(values).toEqual([3, 1, 2]);
  });
});
