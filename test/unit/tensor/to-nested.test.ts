import { describe, expect, it } from "vitest";
import { Tensor } from "../../../src/tensor/tensor.ts";

describe("toNested", () => {
  it("nests as deep as the shape", () => {
    const t = new Tensor("float32", [2, 1, 3], Float32Array.of(1, 2, 3, 4, 5, 6));
    expect(t.toNested()).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
  });

  it("gives bigints, booleans, pairs and bytes", () => {
    const bytes = Uint8Array.of(1);
    expect(new Tensor("int64", [1], BigInt64Array.of(-(2n ** 63n))).toNested()).toEqual([-(2n ** 63n)]);
    expect(new Tensor("uint64", [], BigUint64Array.of(2n ** 64n - 1n)).toNested()).toBe(2n ** 64n - 1n);
    expect(new Tensor("bool", [2], Uint8Array.of(0, 1)).toNested()).toEqual([false, true]);
    expect(new Tensor("complex128", [2], Float64Array.of(1, 2, 3, 4)).toNested()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(new Tensor("complex64", [], Float32Array.of(1, 2)).toNested()).toEqual([1, 2]);
    expect(new Tensor("string", [], [bytes]).toNested()).toBe(bytes);
  });

  it("gives halves as numbers", () => {
    expect(new Tensor("float16", [2], Uint16Array.of(0x3c00, 0xfc00)).toNested()).toEqual([1, -Infinity]);
    expect(new Tensor("bfloat16", [1], Uint16Array.of(0xc049)).toNested()).toEqual([-3.140625]);
  });

  it("keeps axes of no elements", () => {
    expect(new Tensor("float32", [0, 3], new Float32Array(0)).toNested()).toEqual([]);
    expect(new Tensor("float32", [2, 0], new Float32Array(0)).toNested()).toEqual([[], []]);
  });

  it("follows 254 axes", () => {
    let value: unknown = new Tensor("int8", new Array(254).fill(1), Int8Array.of(5)).toNested();
    let depth = 0;
    while (Array.isArray(value)) {
      value = value[0];
      depth++;
    }
    expect([depth, value]).toEqual([254, 5]);
  });

  it("refuses a hollow shape instead of filling the memory", () => {
    const t = new Tensor("float32", [1_000_000_000, 0], new Float32Array(0));
    expect(() => t.toNested()).toThrow("needs 1000000001 arrays for 0 elements");
  });

  it("gives arrays that belong to the caller", () => {
    const t = new Tensor("int32", [2], Int32Array.of(1, 2));
    (t.toNested() as number[])[0] = 9;
    expect(t.toNested()).toEqual([1, 2]);
  });
});
