import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { slice } from "../../../src/tensor/slice.ts";

describe("slice", () => {
  const whole = tensor.float32([
    [1, 2],
    [3, 4],
    [5, 6],
  ]);

  it("takes rows from begin to end, the end left out", () => {
    expect(slice(whole, 1, 2).toNested()).toEqual([[3, 4]]);
    expect(slice(whole, 1).shape).toEqual([2, 2]);
    expect(slice(whole, 3).shape).toEqual([0, 2]);
  });

  it("shares memory", () => {
    const part = slice(whole, 2, 3);
    expect(part.data.buffer).toBe(whole.data.buffer);
    expect(part.data.byteOffset).toBe(16);
  });

  it("counts a complex number as two values", () => {
    expect(
      slice(
        tensor.complex64([
          [1, 2],
          [3, 4],
          [5, 6],
        ]),
        1,
        2,
      ).toNested(),
    ).toEqual([[3, 4]]);
  });

  it("takes rows of strings, with the same byte arrays", () => {
    const words = tensor.string([
      ["a", "b"],
      ["c", "d"],
    ]);
    const part = slice(words, 1, 2);
    expect(part.toStrings()).toEqual(["c", "d"]);
    expect(part.data[0]).toBe(words.data[2]);
  });

  it("takes rows that hold nothing", () => {
    expect(slice(tensor.float32([], [4, 0]), 1, 3).shape).toEqual([2, 0]);
    expect(slice(tensor.float32([], [0, 4]), 0).shape).toEqual([0, 4]);
  });
});
