import type { FixedWidthDType, NumericArray } from "../../tensor/dtype.ts";
import { LITTLE_ENDIAN, swapBytes } from "./byte-order.ts";
import { isUnpacked, type Run } from "./tensor-fields.ts";
import { readBools, readInt32s, readInt64s, readNarrow, surplus } from "./varint-list.ts";
import { WireFault } from "./wire-fault.ts";
import { WireReader } from "./wire-reader.ts";

/** How the elements of a dtype's value list lie in the message. */
export interface ValueList {
  /** The field's number and name in TensorProto. */
  readonly field: number;
  readonly name: string;
  /** Bytes of one value, or 0 for varints. */
  readonly width: 0 | 4 | 8;
}

const FLOAT = { field: 5, name: "float_val", width: 4 } as const;
const INT = { field: 7, name: "int_val", width: 0 } as const;
const HALF = { field: 13, name: "half_val", width: 0 } as const;

/** Where each dtype's values go. @see tensorflow/core/framework/tensor.proto */
export const VALUE_LISTS: Readonly<Record<FixedWidthDType, ValueList>> = {
  float16: HALF,
  bfloat16: HALF,
  float32: FLOAT,
  float64: { field: 6, name: "double_val", width: 8 },
  int8: INT,
  int16: INT,
  int32: INT,
  int64: { field: 10, name: "int64_val", width: 0 },
  uint8: INT,
  uint16: INT,
  uint32: { field: 16, name: "uint32_val", width: 0 },
  uint64: { field: 17, name: "uint64_val", width: 0 },
  bool: { field: 11, name: "bool_val", width: 0 },
  complex64: { field: 9, name: "scomplex_val", width: 4 },
  complex128: { field: 12, name: "dcomplex_val", width: 8 },
};

/** Copies `start` to `end` of a message to memory of its own, in the byte order of this machine. */
export function copyRegion(bytes: Buffer, start: number, end: number, width: number): ArrayBuffer {
  // `slice` does not fill the memory with zeros first, a new array does: half of the time of a large answer.
  const copy = bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + end) as ArrayBuffer;
  if (!LITTLE_ENDIAN) swapBytes(new Uint8Array(copy), width);
  return copy;
}

/** Reads packed and single values of one list into `out`; returns how many there were. */
export function readRuns(dtype: FixedWidthDType, bytes: Buffer, runs: readonly Run[], out: NumericArray): number {
  const list = VALUE_LISTS[dtype];
  const read = list.width === 0 ? varintReader(dtype, out) : fixedReader(list.width, out);
  let index = 0;
  for (const run of runs) {
    if (!isUnpacked(run)) {
      index = read(bytes, run.start, run.end, index, out.length);
      continue;
    }
    // Each value behind a tag of its own: nobody writes lists so since proto3, but a reader has to take them.
    const reader = new WireReader(bytes);
    reader.pos = run.start;
    reader.end = run.end;
    for (let left = run.count; left > 0; left--) {
      reader.tag();
      const start = reader.pos;
      reader.skip(run.tag);
      index = read(bytes, start, reader.pos, index, out.length);
    }
  }
  return index;
}

type ReadRun = (bytes: Buffer, start: number, end: number, index: number, limit: number) => number;

function fixedReader(width: 4 | 8, out: NumericArray): ReadRun {
  const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  return (bytes, start, end, index, limit) => {
    const count = (end - start) / width;
    if (count > limit - index) throw surplus(limit);
    target.set(bytes.subarray(start, end), index * width);
    if (!LITTLE_ENDIAN) swapBytes(target.subarray(index * width, (index + count) * width), width);
    return index + count;
  };
}

function varintReader(dtype: FixedWidthDType, out: NumericArray): ReadRun {
  switch (dtype) {
    case "int64":
    case "uint64": {
      const words = new Int32Array(out.buffer, out.byteOffset, out.length * 2);
      return (bytes, start, end, index, limit) =>
        readInt64s(bytes, start, end, words, index, limit, LITTLE_ENDIAN ? 0 : 1);
    }
    case "int32":
    case "uint32":
      return (bytes, start, end, index, limit) => readInt32s(bytes, start, end, out as Int32Array, index, limit);
    case "bool":
      return (bytes, start, end, index, limit) => readBools(bytes, start, end, out as Uint8Array, index, limit);
    default:
      return (bytes, start, end, index, limit) => readNarrow(bytes, start, end, out as Int16Array, index, limit);
  }
}

/** Bytes of a bool tensor are 0 or 1, looked at four at a time. */
export function checkBools(values: Uint8Array): void {
  const words = new Uint32Array(values.buffer, values.byteOffset, values.length >>> 2);
  let seen = 0;
  for (let index = 0; index < words.length; index++) seen |= words[index] as number;
  for (let index = words.length * 4; index < values.length; index++) seen |= values[index] as number;
  if ((seen & 0xfefefefe) !== 0) throw new WireFault("a bool is neither 0 nor 1");
}
