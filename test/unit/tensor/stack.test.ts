import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { stack } from "../../../src/tensor/stack.ts";

describe("stack", () => {
  it("makes each tensor a row", () => {
    const stacked = stack([tensor.uint8([1, 2]), tensor.uint8([3, 4])]);
    expect(stacked.shape).toEqual([2, 2]);
    expect(stacked.data).toEqual(Uint8Array.of(1, 2, 3, 4));
  });

  it("makes one axis of scalars", () => {
    expect(stack([tensor.string("a"), tensor.string("b")]).toStrings()).toEqual(["a", "b"]);
    expect(stack([tensor.complex128([1, 2]), tensor.complex128([3, 4])]).toNested()).toEqual([
      [1, 2],
      [3, 4],
    ]);
  });

  it("takes the memory of none of them", () => {
    const one = tensor.float64([1]);
    stack([one]).data[0] = 9;
    expect(one.data[0]).toBe(1);
  });
});
