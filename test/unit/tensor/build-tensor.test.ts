import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { DTYPES } from "../../../src/tensor/dtype.ts";

describe("tensor", () => {
  it("has a method for every dtype", () => {
    expect(Object.keys(tensor).sort()).toEqual([...DTYPES].sort());
  });

  it("makes scalars, nested tensors and empty ones", () => {
    expect(tensor.float32(1.5).shape).toEqual([]);
    expect(
      tensor.float32([
        [1, 2],
        [3, 4],
      ]).shape,
    ).toEqual([2, 2]);
    expect(tensor.float32([], [0, 3]).shape).toEqual([0, 3]);
    expect(tensor.string("word").toStrings()).toEqual(["word"]);
    expect(tensor.bool(true).toNested()).toBe(true);
  });

  it("gives a flat array the shape asked for", () => {
    expect(tensor.int32([1, 2, 3, 4, 5, 6], [2, 3]).toNested()).toEqual([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    expect(tensor.int32([5], []).toNested()).toBe(5);
    expect(
      tensor.complex64(
        [
          [1, 2],
          [3, 4],
        ],
        [2, 1],
      ).shape,
    ).toEqual([2, 1]);
  });

  it("shares typed arrays of its own kind", () => {
    const floats = new Float32Array(6);
    expect(tensor.float32(floats).data).toBe(floats);
    expect(tensor.float32(floats, [2, 3]).data).toBe(floats);
    const ids = new BigInt64Array(2);
    expect(tensor.int64(ids).data).toBe(ids);
    const bits = new Uint16Array(2);
    expect(tensor.float16(bits).data).toBe(bits);
    expect(tensor.bfloat16(bits).data).toBe(bits);
    const pairs = new Float32Array(4);
    const complex = tensor.complex64(pairs);
    expect([complex.data === pairs, complex.shape]).toEqual([true, [2]]);
    const flags = Uint8Array.of(0, 1);
    expect(tensor.bool(flags).data).toBe(flags);
  });

  it("shares the memory of clamped bytes", () => {
    const pixels = Uint8ClampedArray.of(1, 2, 3);
    const t = tensor.uint8(pixels);
    expect([t.data.buffer === pixels.buffer, t.data instanceof Uint8Array, t.shape]).toEqual([true, true, [3]]);
  });

  it("widens integers into fresh memory, every value the same", () => {
    expect(tensor.int64(Int32Array.of(-1)).data).toEqual(BigInt64Array.of(-1n));
    expect(tensor.uint32([Uint8Array.of(1), [2]]).data).toEqual(Uint32Array.of(1, 2));
  });

  it("rounds wider floats into fresh memory", () => {
    expect(tensor.float32(Float64Array.of(0.1), [1, 1]).data).toEqual(Float32Array.of(0.1));
    expect(tensor.float16(Float32Array.of(1, 65_520)).data).toEqual(Uint16Array.of(0x3c00, 0x7c00));
    expect(tensor.float16(Float64Array.of(1 + 2 ** -11 + 2 ** -40)).data).toEqual(Uint16Array.of(0x3c01));
    expect(tensor.bfloat16(Float32Array.of(1)).data).toEqual(Uint16Array.of(0x3f80));
    expect(tensor.bfloat16(Float64Array.of(-2)).data).toEqual(Uint16Array.of(0xc000));
  });

  it("mixes texts and bytes, and shares the bytes", () => {
    const bytes = Uint8Array.of(0xff, 0);
    const t = tensor.string([["a", bytes]]);
    expect([t.shape, t.data[1] === bytes, [...(t.data[0] as Uint8Array)]]).toEqual([[1, 2], true, [97]]);
  });
});
