import { describe, expect, it } from "vitest";
import { formatShape, sameRowShape, sameShape, sizeOf, withRows } from "../../../src/tensor/shape.ts";

describe("sizeOf", () => {
  it("multiplies the lengths; a scalar has one element", () => {
    expect([sizeOf([]), sizeOf([2, 3]), sizeOf([2, 0, 3])]).toEqual([1, 6, 0]);
  });

  it("allows 254 axes and no more", () => {
    expect(sizeOf(new Array(254).fill(1))).toBe(1);
    expect(() => sizeOf(new Array(255).fill(1))).toThrow("shape: 255 axes, at most 254 are allowed");
  });

  it("refuses lengths and sizes that cannot be counted", () => {
    for (const length of [-1, 1.5, Number.NaN, Infinity, 2 ** 53])
      expect(() => sizeOf([2, length])).toThrow("at axis 1");
    expect(() => sizeOf([2 ** 27, 2 ** 27])).toThrow("holds more than 2^53-1 elements");
  });
});

describe("shapes", () => {
  it("are compared length by length", () => {
    expect([sameShape([], []), sameShape([1, 2], [1, 2]), sameShape([1], [1, 1]), sameShape([2, 1], [1, 1])]).toEqual([
      true,
      true,
      false,
      false,
    ]);
    expect([sameRowShape([5, 2], [1, 2]), sameRowShape([5, 2], [5, 3]), sameRowShape([5], [5, 1])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("take another number of rows without being written to", () => {
    const shape = [1, 2];
    expect([withRows(shape, 7), shape]).toEqual([
      [7, 2],
      [1, 2],
    ]);
  });

  it("are shown as messages show them", () => {
    expect([formatShape([]), formatShape([2, 3])]).toEqual(["[]", "[2, 3]"]);
  });
});
