import { describe, expect, it } from "vitest";
import type { DType } from "../../../src/tensor/dtype.ts";
import { fromNested } from "../../../src/tensor/from-nested.ts";
import type { NestedValue } from "../../../src/tensor/tensor-input.ts";

describe("fromNested", () => {
  it.each<[NestedValue, DType, number[]]>([
    [1, "float32", []],
    [[1, 2, 5], "float32", [3]],
    [[[1], [2]], "float32", [2, 1]],
    [[1n], "int64", [1]],
    [[true, false], "bool", [2]],
    ["text", "string", []],
    [["a", Uint8Array.of(98)], "string", [2]],
    [Uint8Array.of(97), "string", []],
    [[[Uint8Array.of(97)]], "string", [1, 1]],
  ])("takes dtype and shape of plain values from themselves", (value, dtype, shape) => {
    const t = fromNested(value);
    expect([t.dtype, t.shape]).toEqual([dtype, shape]);
  });

  it("takes typed arrays as innermost rows", () => {
    const t = fromNested([Int32Array.of(1, 2), Int32Array.of(3, 4)]);
    expect([t.dtype, t.shape, [...(t.data as Int32Array)]]).toEqual(["int32", [2, 2], [1, 2, 3, 4]]);
  });

  it("takes typed rows of a narrower kind, and no others", () => {
    expect(fromNested([Int32Array.of(-1, 2)], "int64").toNested()).toEqual([[-1n, 2n]]);
    expect(fromNested([Float32Array.of(0.5)], "float64").toNested()).toEqual([[0.5]]);
    expect(fromNested([Uint8ClampedArray.of(5)], "uint8").toNested()).toEqual([[5]]);
    expect(() => fromNested([[1], Float64Array.of(1)], "uint8")).toThrow(
      "value at [1]: expected uint8 values, found a Float64Array",
    );
    expect(() => fromNested([Uint8Array.of(1)], "float32")).toThrow(
      "value at [0]: expected float32 values, found a Uint8Array",
    );
  });

  it("takes Uint16Array rows of a half tensor as raw bits, and numbers as numbers", () => {
    expect(fromNested([Uint16Array.of(0x3c00)], "float16").toNested()).toEqual([[1]]);
    expect(fromNested([[1.5]], "float16").toNested()).toEqual([[1.5]]);
    expect(fromNested([1.5], "bfloat16").data).toEqual(Uint16Array.of(0x3fc0));
  });

  it("takes a complex number as an innermost pair", () => {
    expect(fromNested([1, 2], "complex64").shape).toEqual([]);
    const t = fromNested([[[1, 2]], [[3, 4]]], "complex128");
    expect([t.shape, t.toNested()]).toEqual([
      [2, 1],
      [[[1, 2]], [[3, 4]]],
    ]);
  });

  it("keeps shapes of no elements when the dtype is named", () => {
    expect(fromNested([], "float32").shape).toEqual([0]);
    expect(fromNested([[], []], "string").shape).toEqual([2, 0]);
    expect(fromNested([], "complex64").shape).toEqual([0]);
  });

  it("takes the ends of each integer's range", () => {
    const ends: [DType, number, number][] = [
      ["int8", -128, 127],
      ["int16", -32_768, 32_767],
      ["int32", -2_147_483_648, 2_147_483_647],
      ["uint8", 0, 255],
      ["uint16", 0, 65_535],
      ["uint32", 0, 4_294_967_295],
    ];
    for (const [dtype, min, max] of ends) {
      expect(fromNested([min, max], dtype).toNested()).toEqual([min, max]);
      expect(() => fromNested([min - 1], dtype)).toThrow(`${min} to ${max} (${dtype}), found a lower one`);
      expect(() => fromNested([max + 1], dtype)).toThrow(`${min} to ${max} (${dtype}), found a higher one`);
      expect(() => fromNested([0.5], dtype)).toThrow("found a fraction");
      expect(() => fromNested([Number.NaN], dtype)).toThrow("found NaN");
      expect(() => fromNested([-Infinity], dtype)).toThrow("found -Infinity");
      expect(() => fromNested([1n], dtype)).toThrow("found a bigint");
    }
  });

  it("keeps 64-bit integers exact, and takes safe integers for them", () => {
    const t = fromNested([-(2n ** 63n), 2n ** 63n - 1n, 2 ** 53 - 1, -(2 ** 53) + 1], "int64");
    expect(t.toNested()).toEqual([-(2n ** 63n), 2n ** 63n - 1n, 2n ** 53n - 1n, -(2n ** 53n) + 1n]);
    const around = [-1, 0, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), -(2 ** 31) - 1, 2 ** 32];
    expect(fromNested(around, "int64").toNested()).toEqual(around.map(BigInt));
    expect(fromNested([-0], "uint64").toNested()).toEqual([0n]);
    expect(fromNested([2n ** 64n - 1n, 0], "uint64").toNested()).toEqual([2n ** 64n - 1n, 0n]);
  });

  it.each<[NestedValue, DType, string]>([
    [[2n ** 63n], "int64", "a whole number from -2^63 to 2^63-1 (int64), found a higher one"],
    [[-(2n ** 63n) - 1n], "int64", "a whole number from -2^63 to 2^63-1 (int64), found a lower one"],
    [[2 ** 53], "int64", "a bigint or a safe integer (int64), found a number beyond 2^53-1"],
    [[1.5], "int64", "a whole number from -2^63 to 2^63-1 (int64), found a fraction"],
    [["1"], "int64", "a whole number from -2^63 to 2^63-1 (int64), found a string"],
    [[-1], "uint64", "a whole number from 0 to 2^64-1 (uint64), found a lower one"],
    [[-1n], "uint64", "a whole number from 0 to 2^64-1 (uint64), found a lower one"],
    [[2n ** 64n], "uint64", "a whole number from 0 to 2^64-1 (uint64), found a higher one"],
    [[2 ** 60], "uint64", "a bigint or a safe integer (uint64), found a number beyond 2^53-1"],
  ])("refuses what a 64-bit integer cannot be", (value, dtype, message) => {
    expect(() => fromNested(value, dtype)).toThrow(`value at [0]: expected ${message}`);
  });

  it("refuses an array that holds itself", () => {
    const loop: NestedValue[] = [];
    loop.push(loop);
    expect(() => fromNested(loop)).toThrow("value: 256 axes, at most 254 are allowed");
  });

  it("refuses a shape that no memory holds before it looks for ragged rows", () => {
    const row = new Array(200_000).fill(0);
    const rows = new Array(200_000).fill([]);
    rows[0] = new Array(200_000).fill(row);
    expect(() => fromNested(rows, "float64")).toThrow("elements are more than memory can hold");
  });

  it("shares the bytes of string elements", () => {
    const bytes = Uint8Array.of(1, 2);
    expect(fromNested([bytes]).toNested()).toEqual([bytes]);
    expect((fromNested([bytes]).data as readonly Uint8Array[])[0]).toBe(bytes);
  });
});
