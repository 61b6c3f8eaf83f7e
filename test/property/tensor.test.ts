import { describe, expect, it } from "vitest";
import { concat } from "../../src/tensor/concat.ts";
import { DTYPES, type DType, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { fromNested } from "../../src/tensor/from-nested.ts";
import {
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  toBfloat16Bits,
  toFloat16Bits,
} from "../../src/tensor/half.ts";
import { slice } from "../../src/tensor/slice.ts";
import { split } from "../../src/tensor/split.ts";
import { stack } from "../../src/tensor/stack.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import type { NestedValue } from "../../src/tensor/tensor-input.ts";
import { toTensor } from "../../src/tensor/to-tensor.ts";
import fc from "./fast-check.ts";

const dtypes = fc.constantFrom(...DTYPES);

/** A tensor of random bits: every NaN, every integer; bool bytes alone are kept to 0 and 1. */
function tensorOf(dtype: DType, shape: readonly number[]): fc.Arbitrary<Tensor> {
  const size = shape.reduce((product, length) => product * length, 1);
  if (dtype === "string") {
    return fc
      .array(fc.uint8Array({ maxLength: 5 }), { minLength: size, maxLength: size })
      .map((data) => new Tensor("string", shape, data));
  }
  const { array, bytesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  const bytes = size * bytesPerElement;
  return fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((random) => {
    const own = Uint8Array.from(random, (byte) => (dtype === "bool" ? byte & 1 : byte));
    return new Tensor(dtype, shape, new array(own.buffer) as never);
  });
}

const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
const tensors = fc.tuple(dtypes, shapes).chain(([dtype, shape]) => tensorOf(dtype, shape));
const rowTensors = fc
  .tuple(dtypes, fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }))
  .chain(([dtype, shape]) => tensorOf(dtype, shape));

/** Data as the bytes it stands for, any NaN taken for the same: numbers need not keep a payload. */
function contentOf(tensor: Tensor): unknown {
  const { dtype, shape } = tensor;
  const isHalf = dtype === "float16" || dtype === "bfloat16";
  return { dtype, shape, data: isHalf ? tensor.toNested() : tensor.data };
}

describe("tensors there and back", () => {
  it("fromNested undoes toNested, for every dtype and shape without an empty axis", () => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        // An empty axis hides the lengths of those within it: [[], []] is [2, 0] and might have been [2, 0, 3].
        fc.pre(!tensor.shape.includes(0));
        const back = fromNested(tensor.toNested() as NestedValue, tensor.dtype);
        expect(contentOf(back)).toEqual(contentOf(tensor));
      }),
    );
  });

  it("nested values have the lengths of the shape, down to an empty axis", () => {
    fc.assert(
      fc.property(tensors, (tensor) => {
        const lengths: number[] = [];
        let level: unknown = tensor.toNested();
        while (lengths.length < tensor.shape.length && lengths.at(-1) !== 0) {
          lengths.push((level as unknown[]).length);
          level = (level as unknown[])[0];
        }
        expect(lengths).toEqual(tensor.shape.slice(0, lengths.length));
      }),
    );
  });

  it("concat undoes split, whatever the sizes", () => {
    fc.assert(
      fc.property(rowTensors, fc.infiniteStream(fc.integer({ min: 0, max: 2 })), (tensor, cuts) => {
        const sizes: number[] = [];
        let left = tensor.shape[0] as number;
        for (const cut of cuts) {
          const size = Math.min(cut, left);
          sizes.push(size);
          left -= size;
          if (left === 0) break;
        }
        const parts = split(tensor, sizes);
        expect(parts.map((part) => part.shape[0])).toEqual(sizes);
        const joined = concat(parts);
        expect([joined.dtype, joined.shape, joined.data]).toEqual([tensor.dtype, tensor.shape, tensor.data]);
      }),
    );
  });

  it("stack undoes taking rows", () => {
    fc.assert(
      fc.property(rowTensors, (tensor) => {
        const rows = Array.from({ length: tensor.shape[0] as number }, (_, index) => tensor.row(index));
        const back = stack(rows);
        expect([back.shape, back.data]).toEqual([tensor.shape, tensor.data]);
      }),
    );
  });

  it("a slice nests as the same slice of the nested rows", () => {
    fc.assert(
      fc.property(rowTensors, fc.nat(), fc.nat(), (tensor, a, b) => {
        const rows = tensor.shape[0] as number;
        const [begin, end] = [a % (rows + 1), b % (rows + 1)].sort((x, y) => x - y) as [number, number];
        expect(slice(tensor, begin, end).toNested()).toEqual((tensor.toNested() as unknown[]).slice(begin, end));
      }),
    );
  });

  it("what another library holds comes in with the same memory, dtype and shape", () => {
    fc.assert(
      fc.property(tensors, ({ dtype, shape, data }) => {
        const tensor = toTensor({ data, dims: shape, type: dtype }, "x", { dtype });
        expect([tensor.dtype, tensor.shape]).toEqual([dtype, shape]);
        if (dtype === "string") expect(tensor.data).toEqual(data);
        else expect(tensor.data).toBe(data);
      }),
    );
  });
});

describe("ragged values", () => {
  it("are named at the first row that differs", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 2, maxLength: 8 });
    fc.assert(
      fc.property(lengths, (rows) => {
        const first = rows.findIndex((length) => length !== rows[0]);
        fc.pre(first > 0);
        const value = rows.map((length) => new Array<number>(length).fill(0));
        expect(() => fromNested(value, "float32", "x")).toThrow(`x: ragged at [${first}]: expected ${rows[0]} value`);
      }),
    );
  });
});

describe("halves", () => {
  const doubles = fc.double({ noNaN: true });

  it("float16 is the nearest of all patterns, for any number", () => {
    const values = float16ToFloat32(Uint16Array.from({ length: 0x7c00 }, (_, bits) => bits));
    fc.assert(
      fc.property(fc.double({ min: 0, max: 65_504, noNaN: true }), (value) => {
        const bits = toFloat16Bits(value);
        const distance = (pattern: number) => Math.abs((values[pattern] ?? Infinity) - value);
        expect(distance(bits)).toBeLessThanOrEqual(distance(bits + 1));
        if (bits > 0) expect(distance(bits)).toBeLessThanOrEqual(distance(bits - 1));
      }),
    );
  });

  it("from a float32 value both ways agree", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true }), (value) => {
        expect(toFloat16Bits(value)).toBe(float32ToFloat16(Float32Array.of(value))[0]);
        expect(toBfloat16Bits(value)).toBe(float32ToBfloat16(Float32Array.of(value))[0]);
      }),
    );
  });

  it("a sign changes the sign bit alone", () => {
    fc.assert(
      fc.property(doubles, (value) => {
        expect(toFloat16Bits(-value)).toBe(toFloat16Bits(value) ^ 0x8000);
        expect(toBfloat16Bits(-value)).toBe(toBfloat16Bits(value) ^ 0x8000);
      }),
    );
  });
});
