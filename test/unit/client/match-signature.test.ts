import { describe, expect, it } from "vitest";
import { toInput } from "../../../src/client/match-signature.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import type { TensorInput } from "../../../src/tensor/tensor-input.ts";

const input = (shape: readonly number[] | null, value: TensorInput) =>
  toInput(value, "x", 'input "x"', {
    name: "serving_default",
    model: "m",
    signature: { methodName: "", inputs: { x: { dtype: "float32", shape, tensorName: "" } }, outputs: {} },
  });

describe("toInput", () => {
  it("adds last axes of length 1 that plain values leave out", () => {
    expect(input([-1, 1], [1, 2, 5]).shape).toEqual([3, 1]);
    expect(input([-1, 2, 1, 1], [[1, 2]]).shape).toEqual([1, 2, 1, 1]);
    expect(input([-1, 1], Float32Array.of(1, 2)).shape).toEqual([2, 1]);
  });

  it("adds no other axis", () => {
    expect(() => input([-1, 3], [1, 2, 5])).toThrow("shape [3] does not fit");
    expect(() => input([-1, -1], [1, 2, 5])).toThrow("shape [3] does not fit");
    expect(() => input([1], 7)).toThrow("shape [] does not fit");
    expect(() => input([2, 1], [1, 2, 5])).toThrow("shape [3, 1] does not fit");
  });

  it("leaves the shape of a tensor as it is", () => {
    const tensor = new Tensor("float32", [3], Float32Array.of(1, 2, 5));
    expect(() => input([-1, 1], tensor)).toThrow("shape [3] does not fit");
    expect(() => input([-1, 1], { data: tensor.data, dims: [3] })).toThrow("shape [3] does not fit");
  });

  it("takes any shape where the rank is not known", () => {
    expect(input(null, [[1], [2]]).shape).toEqual([2, 1]);
  });
});
