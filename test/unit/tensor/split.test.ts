import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { split } from "../../../src/tensor/split.ts";

describe("split", () => {
  const whole = tensor.int32([[1], [2], [3], [4]]);

  it("cuts into parts of equal size", () => {
    expect(split(whole, 2).map((part) => part.toNested())).toEqual([
      [[1], [2]],
      [[3], [4]],
    ]);
  });

  it("cuts into the sizes given, none included", () => {
    expect(split(whole, [1, 0, 3]).map((part) => part.shape)).toEqual([
      [1, 1],
      [0, 1],
      [3, 1],
    ]);
    expect(split(tensor.int32([], [0, 2]), [])).toEqual([]);
  });

  it("shares memory with the whole", () => {
    for (const part of split(whole, 4)) expect(part.data.buffer).toBe(whole.data.buffer);
  });

  it("cuts string tensors", () => {
    expect(split(tensor.string(["a", "b", "c"]), [2, 1]).map((part) => part.toStrings())).toEqual([["a", "b"], ["c"]]);
  });
});
