import type { FixedWidthDType, NumericArray, NumericArrayConstructor } from "../../tensor/dtype.ts";
import { LITTLE_ENDIAN, swapBytes } from "./byte-order.ts";
import { isUnpacked, type Run } from "./tensor-fields.ts";
import { readManyInt32s, readManyInt64s } from "./varint-kernel.ts";
import { readBools, readNarrow, surplus } from "./varint-list.ts";
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

/** From here on fresh memory costs more than what is put into it. */
const LARGE_BYTES = 256 << 10;

/**
 * The elements that lie between `start` and `end` of a message, in memory that belongs to them alone and in the byte
 * order of this machine: a copy, or for the bulk of a large message the place where they lie. Another 64 MiB for a
 * reply of 64 MiB would be half as much again as reading it takes.
 */
export function elementsAt(array: NumericArrayConstructor, bytes: Buffer, start: number, end: number): NumericArray {
  const width = array.BYTES_PER_ELEMENT;
  const length = end - start;
  const from = bytes.byteOffset + start;
  if (length >= LARGE_BYTES && length > bytes.length / 2 && start >= width && hasOwnMemory(bytes)) {
    const aligned = from - (from % width);
    // Seven bytes back at most: no more than the tags and lengths right before the elements, which have been read.
    if (aligned !== from) bytes.copyWithin(aligned - bytes.byteOffset, start, end);
    if (!LITTLE_ENDIAN) swapBytes(new Uint8Array(bytes.buffer, aligned, length), width);
    return new array(bytes.buffer, aligned, length / width);
  }
  // `slice` does not fill the memory with zeros first, a new array does: half of the time of a large answer.
  const copy = bytes.buffer.slice(from, from + length);
  if (!LITTLE_ENDIAN) swapBytes(new Uint8Array(copy), width);
  return new array(copy);
}

/**
 * An array whose every element will be written: a long one has anything in it, since zeros would cost a quarter of what a
 * million integers take to read.
 */
export function unsetArray(array: NumericArrayConstructor, length: number): NumericArray {
  const bytes = length * array.BYTES_PER_ELEMENT;
  if (bytes < LARGE_BYTES) return new array(length);
  return new array(Buffer.allocUnsafeSlow(bytes).buffer);
}

/** Whether nothing but this message (and the five bytes that gRPC puts in front of it) lies in its memory. */
function hasOwnMemory({ buffer, byteOffset, length }: Buffer): boolean {
  return buffer instanceof ArrayBuffer && byteOffset <= 5 && byteOffset + length === buffer.byteLength;
}

/** Reads packed and single values of one list into `out`; returns how many there were: these, and no others, are written. */
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
        readManyInt64s(bytes, start, end, words, index, limit, LITTLE_ENDIAN ? 0 : 1);
    }
    case "int32":
    case "uint32":
      return (bytes, start, end, index, limit) => readManyInt32s(bytes, start, end, out as Int32Array, index, limit);
    case "bool":
      return (bytes, start, end, index, limit) => readBools(bytes, start, end, out as Uint8Array, index, limit);
    default:
      return (bytes, start, end, index, limit) => readNarrow(bytes, start, end, out as Int16Array, index, limit);
  }
}

/** Whether the bytes from `start` to `end` are 0 and 1 throughout, looked at four at a time and sixteen in a step. */
export function areBits(bytes: Buffer, start: number, end: number): boolean {
  let seen = 0;
  let at = start;
  while (at < end && (bytes.byteOffset + at) % 4 !== 0) seen |= bytes[at++] as number;
  const words = new Int32Array(bytes.buffer, at < end ? bytes.byteOffset + at : 0, (end - at) >>> 2);
  const { length } = words;
  let index = 0;
  for (; index < length - 3; index += 4) {
    seen |=
      (words[index] as number) |
      (words[index + 1] as number) |
      (words[index + 2] as number) |
      (words[index + 3] as number);
  }
  for (; index < length; index++) seen |= words[index] as number;
  for (at += length * 4; at < end; at++) seen |= bytes[at] as number;
  return (seen & 0xfefefefe) === 0;
}
