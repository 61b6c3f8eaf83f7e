import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import type { TensorInput } from "../../../src/tensor/tensor-input.ts";
import { toTensor } from "../../../src/tensor/to-tensor.ts";

const outline = (input: TensorInput, dtype?: DType) => {
  const t = toTensor(input, 'input "x"', dtype && { dtype });
  return [t.dtype, t.shape, t.toNested()];
};

describe("toTensor", () => {
  it("gives a Tensor back as it is", () => {
    const t = tensor.float32([1]);
    expect(toTensor(t, "x")).toBe(t);
    expect(toTensor(t, "x", { dtype: "float32" })).toBe(t);
  });

  it("gives a Tensor of another copy of the package back as it is", async () => {
    vi.resetModules();
    const other = await import("../../../src/tensor/build-tensor.ts");
    const t = other.tensor.string(["a"]);
    expect(toTensor(t, "x", { dtype: "string" })).toBe(t);
  });

  it.each<[TensorInput, unknown[]]>([
    [5, ["float32", [], 5]],
    [5n, ["int64", [], 5n]],
    [true, ["bool", [], true]],
    [
      [[1], [2]],
      ["float32", [2, 1], [[1], [2]]],
    ],
    [Float64Array.of(1), ["float64", [1], [1]]],
    [Int8Array.of(1), ["int8", [1], [1]]],
    [BigUint64Array.of(1n), ["uint64", [1], [1n]]],
    [Uint16Array.of(1), ["uint16", [1], [1]]],
    [Uint8ClampedArray.of(1), ["uint8", [1], [1]]],
  ])("follows the JavaScript type where nothing else is said (%#)", (input, expected) => {
    expect(outline(input)).toEqual(expected);
  });

  it("takes a bare Uint8Array or Buffer for one byte string", () => {
    const bytes = Uint8Array.of(1, 2);
    expect(outline(bytes)).toEqual(["string", [], bytes]);
    expect(outline(bytes, "string")).toEqual(["string", [], bytes]);
    expect(toTensor(Buffer.from("ab"), "x").toStrings()).toEqual(["ab"]);
  });

  it("takes a Uint8Array for numbers where uint8 or bool is expected, or a shape is with it", () => {
    expect(outline(Uint8Array.of(1, 2), "uint8")).toEqual(["uint8", [2], [1, 2]]);
    expect(outline(Uint8Array.of(1, 0), "bool")).toEqual(["bool", [2], [true, false]]);
    const shaped = Object.assign(Uint8Array.of(1, 2), { shape: [2, 1] });
    expect(outline(shaped)).toEqual(["uint8", [2, 1], [[1], [2]]]);
  });

  it("gives plain values the expected dtype", () => {
    expect(outline([1, 2], "int64")).toEqual(["int64", [2], [1n, 2n]]);
    expect(outline([1, 2], "float16")).toEqual(["float16", [2], [1, 2]]);
    expect(outline([[1, 2]], "complex64")).toEqual(["complex64", [1], [[1, 2]]]);
    expect(outline([], "int32")).toEqual(["int32", [0], []]);
  });

  it("reads an array as the expected dtype where that is stored the same way", () => {
    expect(outline(Uint16Array.of(0x3c00), "float16")).toEqual(["float16", [1], [1]]);
    expect(outline(Uint16Array.of(0x3f80), "bfloat16")).toEqual(["bfloat16", [1], [1]]);
    expect(outline(Float32Array.of(1, 2), "complex64")).toEqual(["complex64", [1], [[1, 2]]]);
  });

  it("widens integers, and float32 to float64, without changing a value", () => {
    expect(outline(Int32Array.of(-1, 2), "int64")).toEqual(["int64", [2], [-1n, 2n]]);
    expect(outline(Uint32Array.of(2 ** 32 - 1), "uint64")).toEqual(["uint64", [1], [2n ** 32n - 1n]]);
    expect(outline(Uint8ClampedArray.of(255), "int32")).toEqual(["int32", [1], [255]]);
    expect(outline(Float32Array.of(0.5), "float64")).toEqual(["float64", [1], [0.5]]);
    expect(outline({ data: Int32Array.of(1), shape: [1, 1], dtype: "int32" }, "int64")).toEqual([
      "int64",
      [1, 1],
      [[1n]],
    ]);
  });

  it("shares the memory of typed and foreign data", () => {
    const data = Float32Array.of(1, 2);
    expect(toTensor(data, "x").data).toBe(data);
    expect(toTensor({ data, dims: [1, 2], type: "float32" }, "x").data).toBe(data);
    const pixels = Uint8ClampedArray.of(1);
    expect((toTensor(pixels, "x").data as Uint8Array).buffer).toBe(pixels.buffer);
  });

  it("takes typed arrays of another realm", () => {
    expect(outline(runInNewContext("new Int32Array([7])") as Int32Array)).toEqual(["int32", [1], [7]]);
    const bytes = runInNewContext("new Uint8Array([7])") as Uint8Array;
    expect(toTensor(bytes, "x").dtype).toBe("string");
  });

  it.each<[string, DType, TensorInput & object]>([
    ["float", "float32", Float32Array.of(1)],
    ["double", "float64", Float64Array.of(1)],
    ["float16", "float16", Uint16Array.of(0x3c00)],
    ["bool", "bool", Uint8Array.of(1)],
    ["uint8", "uint8", Uint8Array.of(1)],
    ["int64", "int64", BigInt64Array.of(1n)],
    ["<f4", "float32", Float32Array.of(1)],
    ["|u1", "uint8", Uint8Array.of(1)],
    ["uint8c", "uint8", Uint8ClampedArray.of(1)],
  ])("knows another library's %s", (type, dtype, data) => {
    expect(outline({ data: data as Float32Array, dims: [1], type })[0]).toBe(dtype);
  });

  it("takes the array's own dtype from a foreign tensor that tells none", () => {
    expect(outline({ data: Int16Array.of(1, 2), shape: [2, 1] })).toEqual(["int16", [2, 1], [[1], [2]]]);
    expect(outline({ data: Uint8Array.of(1, 2) })).toEqual(["uint8", [2], [1, 2]]);
    expect(outline({ data: Uint16Array.of(0x3c00), shape: [1] }, "float16")).toEqual(["float16", [1], [1]]);
  });

  it("takes foreign tensors of plain elements", () => {
    expect(outline({ data: ["a", "b"], shape: [2, 1], dtype: "string" })[1]).toEqual([2, 1]);
    expect(outline({ data: [1, 2], dims: [2], type: "int64" })).toEqual(["int64", [2], [1n, 2n]]);
    expect(outline({ data: [1, 2], shape: [1, 2], dtype: "generic" }, "int32")).toEqual(["int32", [1, 2], [[1, 2]]]);
  });

  it("asks a tensor that hands out its data for it", () => {
    const data = Float32Array.of(1, 2);
    const foreign = {
      shape: [2, 1],
      strides: [1],
      dtype: "float32",
      data: () => Promise.resolve(data),
      dataSync: () => data,
    };
    expect(toTensor(foreign as unknown as TensorInput, "x").data).toBe(data);
  });

  it("takes the window that an offset and strides describe, while it is row-major", () => {
    const data = Float32Array.of(0, 0, 1, 2, 3, 4);
    const t = toTensor({ data, shape: [2, 2], stride: [2, 1], offset: 2, dtype: "float32" }, "x");
    expect(t.toNested()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect((t.data as Float32Array).buffer).toBe(data.buffer);
    expect(toTensor({ data: [7, 8, 9], shape: [1, 2], strides: [99, 1], offset: 1 }, "x").toNested()).toEqual([[8, 9]]);
  });

  it("views half-precision arrays of newer runtimes as float16 bits", () => {
    const bits = Uint16Array.of(0x3c00, 0xc000);
    class Float16Array extends Uint16Array {
      override get [Symbol.toStringTag](): never {
        return "Float16Array" as never;
      }
    }
    const halves = new Float16Array(bits.buffer);
    const t = toTensor(halves, "x");
    expect([t.dtype, t.toNested(), (t.data as Uint16Array).buffer === bits.buffer]).toEqual(["float16", [1, -2], true]);
  });
});
