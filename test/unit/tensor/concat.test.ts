import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { concat } from "../../../src/tensor/concat.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";

describe("concat", () => {
  it("puts rows after rows", () => {
    const joined = concat([
      tensor.float32([[1, 2]]),
      tensor.float32([], [0, 2]),
      tensor.float32([
        [3, 4],
        [5, 6],
      ]),
    ]);
    expect(joined.shape).toEqual([3, 2]);
    expect(joined.toNested()).toEqual([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
  });

  it("joins strings, complex numbers and 64-bit integers", () => {
    expect(concat([tensor.string(["a"]), tensor.string(["b", "c"])]).toStrings()).toEqual(["a", "b", "c"]);
    expect(concat([tensor.complex64([[1, 2]]), tensor.complex64([[3, 4]])]).toNested()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(concat([tensor.int64([1n]), tensor.int64([2n])]).data).toEqual(BigInt64Array.of(1n, 2n));
  });

  it("never shares memory, not even of a lone tensor", () => {
    const one = tensor.int32([1, 2]);
    const joined = concat([one]);
    joined.data[0] = 9;
    expect(one.data[0]).toBe(1);
  });

  it("refuses more rows than can be counted", () => {
    const wide = tensor.int8([], [2 ** 52, 0]);
    expect(concat([wide]).shape).toEqual([2 ** 52, 0]);
    expect(() => concat([wide, wide, wide] as Tensor[])).toThrow("expected a whole number");
  });
});
