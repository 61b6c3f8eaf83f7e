import { inspect } from "node:util";
import { runInNewContext } from "node:vm";
import { describe, expect, it, vi } from "vitest";
import { DTYPES, FIXED_WIDTH, type FixedWidthDType } from "../../../src/tensor/dtype.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";

describe("Tensor", () => {
  it("shares the array it is given", () => {
    const data = new Float32Array(6);
    const t = new Tensor("float32", [2, 3], data);
    data[5] = 7;
    expect(t.data).toBe(data);
    expect(t.data[5]).toBe(7);
  });

  it("keeps its own copy of the shape", () => {
    const shape = [2, 3];
    const t = new Tensor("float32", shape, new Float32Array(6));
    shape[0] = 99;
    expect(t.shape).toEqual([2, 3]);
  });

  it("is a scalar for the empty shape", () => {
    const t = new Tensor("float64", [], Float64Array.of(4));
    expect(t.size).toBe(1);
    expect(t.toNested()).toBe(4);
  });

  it.each(DTYPES.filter((dtype) => dtype !== "string"))(
    "holds %s in its own array type, and refuses others",
    (dtype) => {
      const { array, valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
      const t = new Tensor(dtype, [2], new array(2 * valuesPerElement) as never);
      expect(t.size).toBe(2);
      expect(() => new Tensor(dtype, [2], new DataView(new ArrayBuffer(64)) as never)).toThrow(`must be a`);
    },
  );

  it("takes a Buffer for uint8", () => {
    const buffer = Buffer.from([1, 2, 3]);
    expect(new Tensor("uint8", [3], buffer).data).toBe(buffer);
  });

  it("takes typed arrays of another realm", () => {
    const foreign = runInNewContext("new Float32Array([1, 2])") as Float32Array;
    expect(foreign instanceof Float32Array).toBe(false);
    expect(new Tensor("float32", [2], foreign).toNested()).toEqual([1, 2]);
  });

  it("takes views on a SharedArrayBuffer", () => {
    const data = new Int32Array(new SharedArrayBuffer(8));
    expect(new Tensor("int32", [2], data).data).toBe(data);
  });

  it("knows tensors of another copy of the package by their brand", async () => {
    vi.resetModules();
    const { Tensor: Other } = await import("../../../src/tensor/tensor.ts");
    const other = new Other("int32", [1], Int32Array.of(3));
    expect(Other).not.toBe(Tensor);
    expect(other instanceof Tensor).toBe(true);
    expect(new Tensor("int32", [1], Int32Array.of(3)) instanceof Other).toBe(true);
  });

  it("does not take other values for tensors", () => {
    for (const value of [null, undefined, 1, "x", {}, [], new Float32Array(1)])
      expect(value instanceof Tensor).toBe(false);
  });

  it("asks a string source for bytes once, and not before they are wanted", () => {
    const toBytes = vi.fn(() => [Uint8Array.of(97)]);
    const t = new Tensor("string", [1], { toBytes, toStrings: () => ["from the source"] });
    expect(t.toStrings()).toEqual(["from the source"]);
    expect(toBytes).not.toHaveBeenCalled();
    expect(t.data).toBe(t.data);
    expect(toBytes).toHaveBeenCalledTimes(1);
  });

  it("refuses a string source that hands out another number of elements", () => {
    const t = new Tensor("string", [3], { toBytes: () => [Uint8Array.of(97)], toStrings: () => [] });
    expect(() => t.data).toThrow("string tensor: shape [3] holds 3 elements, data has 1");
  });

  it("gives rows that share memory", () => {
    const t = new Tensor("int16", [2, 2], Int16Array.of(1, 2, 3, 4));
    const row = t.row(1);
    expect(row.shape).toEqual([2]);
    row.data[0] = 30;
    expect(t.toNested()).toEqual([
      [1, 2],
      [30, 4],
    ]);
  });

  it("gives rows of complex and of string tensors", () => {
    const c = new Tensor("complex64", [2, 1], Float32Array.of(1, 2, 3, 4));
    expect(c.row(1).toNested()).toEqual([[3, 4]]);
    const s = new Tensor("string", [2], [Uint8Array.of(97), Uint8Array.of(98)]);
    expect(s.row(1).toStrings()).toEqual(["b"]);
    expect(s.row(1).shape).toEqual([]);
  });

  it("shows dtype and shape to logs, and no elements", () => {
    const t = new Tensor("string", [1], [Buffer.from("secret")]);
    expect(String(t)).toBe("Tensor(string [1])");
    expect(inspect({ t })).toBe("{ t: Tensor(string [1]) }");
  });
});

describe("Tensor.toStrings", () => {
  it("reads UTF-8 and replaces what is none", () => {
    const t = new Tensor("string", [3], [Buffer.from("größe 🎉"), Uint8Array.of(0xff), new Uint8Array(0)]);
    expect(t.toStrings()).toEqual(["größe 🎉", "\ufffd", ""]);
  });

  it("keeps a byte order mark, which is part of the element", () => {
    const t = new Tensor("string", [], [Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)]);
    expect(t.toStrings()).toEqual(["\ufeffa"]);
  });
});
