import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fromBytes, readNpy, writeNpy } from "../../../../src/cli/inputs/npy.ts";
import { DTYPES, type DType, type Tensor, tensor } from "../../../../src/index.ts";

interface Fixtures {
  readonly arrays: readonly { name: string; base64: string; dtype: DType; shape: number[]; values: unknown }[];
  readonly refused: readonly { name: string; base64: string; message: string }[];
}

/** Written by numpy itself. */
const { arrays, refused } = JSON.parse(
  readFileSync(new URL("../../../fixtures/numpy.json", import.meta.url), "utf8"),
) as Fixtures;

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** Values as the fixtures have them: long integers as text. */
function plain(array: Tensor): unknown {
  const nested = array.dtype === "string" ? array.toStrings() : array.toNested();
  return JSON.parse(JSON.stringify(nested, (_key, value) => (typeof value === "bigint" ? String(value) : value)));
}

describe("readNpy", () => {
  it.each(arrays)("reads $name", ({ base64, dtype, shape, values }) => {
    const array = readNpy(bytesOf(base64));
    expect([array.dtype, [...array.shape], plain(array)]).toEqual([dtype, shape, values]);
  });

  it("reads an array that does not lie on a multiple of its width", () => {
    const { base64, values } = arrays.find(({ name }) => name === "float64") as (typeof arrays)[number];
    const bytes = bytesOf(base64);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(plain(readNpy(shifted.subarray(3)))).toEqual(values);
  });

  it.each(refused)("refuses $name", ({ base64, message }) => {
    expect(() => readNpy(bytesOf(base64))).toThrow(TypeError);
    expect(() => readNpy(bytesOf(base64))).toThrow(message);
  });

  it("refuses a file that is cut off anywhere, or goes on", () => {
    const whole = bytesOf((arrays[0] as (typeof arrays)[number]).base64);
    for (let length = 0; length < whole.length; length++) {
      expect(() => readNpy(whole.subarray(0, length)), String(length)).toThrow(TypeError);
    }
    expect(() => readNpy(new Uint8Array([...whole, 0]))).toThrow("promises 6 bytes of elements, found 7");
  });

  it("believes no shape that asks for more than there is", () => {
    const text = "{'descr': '<f8', 'fortran_order': False, 'shape': (4000000000, 4000000000), }";
    const file = Buffer.concat([
      Buffer.from("\u0093NUMPY\u0001\u0000", "latin1"),
      Buffer.from([text.length, 0]),
      Buffer.from(text),
    ]);
    expect(() => readNpy(file)).toThrow(/^its header promises 128\d+ bytes of elements, found 0$/);
  });
});

describe("writeNpy", () => {
  it.each(arrays)("writes what it reads: $name", ({ base64 }) => {
    const array = readNpy(bytesOf(base64));
    const again = readNpy(writeNpy(array));
    expect([again.dtype, again.shape, plain(again)]).toEqual([array.dtype, array.shape, plain(array)]);
  });

  it("writes what numpy writes, byte by byte", () => {
    for (const { base64, name, dtype } of arrays) {
      if (dtype === "string" || /endian|columns|version/.test(name)) continue;
      const bytes = bytesOf(base64);
      const written = Buffer.from(writeNpy(readNpy(bytes)));
      expect(written.subarray(128), name).toEqual(Buffer.from(bytes).subarray(128));
      expect(written.length, name).toBe(bytes.length);
    }
  });

  it("refuses bfloat16", () => {
    expect(() => writeNpy(tensor.bfloat16([1]))).toThrow("numpy has no dtype for bfloat16");
  });
});

describe("fromBytes", () => {
  it("makes every dtype but strings of bytes", () => {
    for (const dtype of DTYPES.filter((name) => name !== "string")) {
      const width =
        dtype === "complex128" ? 16 : /64/.test(dtype) ? 8 : /32/.test(dtype) ? 4 : /16/.test(dtype) ? 2 : 1;
      expect(fromBytes(dtype, new Uint8Array(2 * width), [2]), dtype).toMatchObject({ dtype, shape: [2] });
      expect(() => fromBytes(dtype, new Uint8Array(2 * width + 1), [2])).toThrow(
        `shape [2] of ${dtype} takes ${2 * width} bytes, found ${2 * width + 1}`,
      );
    }
    expect(() => fromBytes("string", new Uint8Array(2), [2])).toThrow("strings have no fixed width");
  });
});
