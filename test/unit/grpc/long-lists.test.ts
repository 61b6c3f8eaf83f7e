import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictCodec } from "../../../src/grpc/predict.ts";
import { FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "../../../src/tensor/dtype.ts";
import { bytesField, message } from "../../property/grpc-wire-bytes.ts";

/** Elements of an array that is long enough to be made of memory that was not cleared. */
const LENGTH = 300_000;

const VALUES = [0, 1, 127, 128, 300, 16_383, 65_535, -1, -70_000, 2 ** 31 - 1];

function reply(dtype: keyof typeof DataType, ...fields: readonly Uint8Array[]): Buffer {
  const dim = new BinaryWriter().uint32(8).int64(LENGTH).finish();
  const tensor = message(
    new BinaryWriter().uint32(8).int32(DataType[dtype]).finish(),
    bytesField(2, bytesField(2, dim)),
    ...fields,
  );
  return Buffer.from(bytesField(1, message(bytesField(1, Buffer.from("y")), bytesField(2, tensor))));
}

function varints(values: readonly number[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const value of values) writer.int64(value);
  return writer.finish();
}

function decode(bytes: Buffer): NumericArray {
  const limits = { maxMessageBytes: 64 << 20 };
  return new PredictCodec().decode(bytes, { model: "m", inputs: {} }, limits).outputs["y"]!.data as NumericArray;
}

/** What the array holds when this many values were given: them, the last one again, or zeros. */
function expected(dtype: FixedWidthDType, count: number): NumericArray {
  const out = new FIXED_WIDTH[dtype].array(LENGTH);
  const isBig = out instanceof BigInt64Array || out instanceof BigUint64Array;
  for (let index = 0; index < LENGTH; index++) {
    const value = count === 0 ? 0 : valueAt(dtype, Math.min(index, count - 1));
    out[index] = (isBig ? BigInt(value) : value) as never;
  }
  return out;
}

function valueAt(dtype: FixedWidthDType, index: number): number {
  const value = VALUES[index % VALUES.length] as number;
  if (dtype === "bool") return Math.abs(value) & 1;
  return dtype === "int16" ? value & 0x7fff : value;
}

const LISTS = [
  ["int64", "DT_INT64", 10],
  ["uint64", "DT_UINT64", 17],
  ["int32", "DT_INT32", 7],
  ["uint32", "DT_UINT32", 16],
  ["int16", "DT_INT16", 7],
  ["bool", "DT_BOOL", 11],
] as const;

describe("a long list of integers", () => {
  beforeEach(() => {
    vi.spyOn(Buffer, "allocUnsafeSlow").mockImplementation((size) => Buffer.from(new ArrayBuffer(size)).fill(0xa5));
  });
  afterEach(() => {
    vi.restoreAllMocks();
  });

  it.each(LISTS)("of %s shows nothing of the memory that it was put into", (dtype, name, field) => {
    for (const count of [LENGTH, LENGTH - 1, LENGTH - 77_777, 1, 0]) {
      const values = Array.from({ length: count }, (_, index) => valueAt(dtype, index));
      const half = count >> 1;
      const whole = [bytesField(field, varints(values))];
      const split = [bytesField(field, varints(values.slice(0, half))), bytesField(field, varints(values.slice(half)))];
      for (const fields of [whole, split]) {
        const out = decode(reply(name, ...fields));
        expect(Buffer.compare(bytesOf(out), bytesOf(expected(dtype, count)))).toBe(0);
      }
    }
    expect(vi.mocked(Buffer.allocUnsafeSlow)).toHaveBeenCalled();
  });

  it("shows nothing of it either when each value has a tag of its own", () => {
    const values = Array.from({ length: 1000 }, (_, index) => valueAt("int64", index));
    const fields = values.map((value) => new BinaryWriter().uint32(80).int64(value).finish());
    const out = decode(reply("DT_INT64", ...fields));
    expect(Buffer.compare(bytesOf(out), bytesOf(expected("int64", 1000)))).toBe(0);
    expect(vi.mocked(Buffer.allocUnsafeSlow)).toHaveBeenCalled();
  });

  it("is zeros without any value", () => {
    expect(Buffer.compare(bytesOf(decode(reply("DT_INT64"))), bytesOf(expected("int64", 0)))).toBe(0);
  });
});

function bytesOf({ buffer, byteOffset, byteLength }: NumericArray): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}
