import { describe, expect, it } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { tensorToFloat32 } from "../../../src/tensor/tensor-to-float32.ts";

describe("tensorToFloat32", () => {
  it("gives the array of a float32 tensor itself", () => {
    const t = tensor.float32([1]);
    expect(tensorToFloat32(t)).toBe(t.data);
  });

  it("converts halves, bytes and doubles", () => {
    expect(tensorToFloat32(tensor.float16([[1.5], [-2]]))).toEqual(Float32Array.of(1.5, -2));
    expect(tensorToFloat32(tensor.bfloat16([0.5]))).toEqual(Float32Array.of(0.5));
    expect(tensorToFloat32(tensor.uint8([255]))).toEqual(Float32Array.of(255));
    expect(tensorToFloat32(tensor.bool([true, false]))).toEqual(Float32Array.of(1, 0));
    expect(tensorToFloat32(tensor.float64([0.1]))).toEqual(Float32Array.of(0.1));
  });

  it("refuses what float32 cannot stand for", () => {
    for (const t of [tensor.int32([1]), tensor.int64([1]), tensor.string("a"), tensor.complex64([1, 2])]) {
      expect(() => tensorToFloat32(t)).toThrow(`${t.dtype} [`);
    }
  });
});
