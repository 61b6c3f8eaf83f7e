import { describeType } from "../internal/describe-value.ts";
import type { DataOf, DType } from "./dtype.ts";
import { toBfloat16Bits, toFloat16Bits } from "./half.ts";
import { encodeText, isBytes } from "./string-source.ts";
import { Tensor } from "./tensor.ts";

type IntegerDType = "int8" | "int16" | "int32" | "uint8" | "uint16" | "uint32";

const RANGES: Readonly<Record<IntegerDType, readonly [min: number, max: number]>> = {
  int8: [-128, 127],
  int16: [-32_768, 32_767],
  int32: [-2_147_483_648, 2_147_483_647],
  uint8: [0, 255],
  uint16: [0, 65_535],
  uint32: [0, 4_294_967_295],
};

/**
 * Writes `row` into `out` from element `offset` on, each element checked for dtype and range. Floats are rounded to the
 * dtype; 64-bit integers may be bigints or safe integers; complex numbers are `[re, im]`.
 *
 * @returns the index of the first element that `dtype` cannot hold, or -1
 */
export function writeElements(
  dtype: DType,
  out: DataOf<DType> | Uint8Array[],
  offset: number,
  row: ArrayLike<unknown>,
): number {
  switch (dtype) {
    case "float32":
      return writeFloat32(out as Float32Array, offset, row);
    case "float64":
      return writeWith(row, (value, i) => {
        if (typeof value !== "number") return false;
        (out as Float64Array)[offset + i] = value;
        return true;
      });
    case "float16":
      return writeHalves(out as Uint16Array, offset, row, toFloat16Bits);
    case "bfloat16":
      return writeHalves(out as Uint16Array, offset, row, toBfloat16Bits);
    case "int64":
      return writeBigInts(out as BigInt64Array, offset, row, toInt64);
    case "uint64":
      return writeBigInts(out as BigUint64Array, offset, row, toUint64);
    case "bool":
      return writeWith(row, (value, i) => {
        if (typeof value !== "boolean") return false;
        (out as Uint8Array)[offset + i] = value ? 1 : 0;
        return true;
      });
    case "string":
      return writeWith(row, (value, i) => {
        if (typeof value === "string") (out as Uint8Array[])[offset + i] = encodeText(value);
        else if (isBytes(value)) (out as Uint8Array[])[offset + i] = value;
        else return false;
        return true;
      });
    case "complex64":
    case "complex128":
      return writeWith(row, (value, i) => {
        if (!isComplex(value)) return false;
        (out as Float64Array)[2 * (offset + i)] = value[0];
        (out as Float64Array)[2 * (offset + i) + 1] = value[1];
        return true;
      });
    default:
      return writeIntegers(out as Int32Array, offset, row, RANGES[dtype]);
  }
}

/** What `dtype` wants of an element and what it got: `expected a whole number from 0 to 255 (uint8), found a fraction`. */
export function explainRefusal(dtype: DType, value: unknown): string {
  return `expected ${expectationOf(dtype, value)}, found ${findingOf(dtype, value)}`;
}

// Two loops of their own: float32 is what most models take, and its loop is to see one kind of array only.
function writeFloat32(out: Float32Array, offset: number, row: ArrayLike<unknown>): number {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== "number") return i;
    out[offset + i] = value;
  }
  return -1;
}

function writeIntegers(
  out: Int32Array,
  offset: number,
  row: ArrayLike<unknown>,
  [min, max]: readonly [number, number],
): number {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== "number" || !(value >= min && value <= max) || Math.floor(value) !== value) return i;
    out[offset + i] = value;
  }
  return -1;
}

function writeHalves(
  out: Uint16Array,
  offset: number,
  row: ArrayLike<unknown>,
  toBits: (value: number) => number,
): number {
  for (let i = 0; i < row.length; i++) {
    const value = row[i];
    if (typeof value !== "number") return i;
    out[offset + i] = toBits(value);
  }
  return -1;
}

function writeBigInts(
  out: BigInt64Array | BigUint64Array,
  offset: number,
  row: ArrayLike<unknown>,
  convert: (value: unknown) => bigint | undefined,
): number {
  for (let i = 0; i < row.length; i++) {
    const given = row[i];
    // Ids are small: the compiler makes no BigInt in memory of one that it knows to be an int32.
    if (typeof given === "number" && given >= 0 && (given | 0) === given) {
      out[offset + i] = BigInt(given | 0);
      continue;
    }
    const value = convert(given);
    if (value === undefined) return i;
    out[offset + i] = value;
  }
  return -1;
}

/** The int64 that a bigint or a safe integer stands for. */
export function toInt64(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return BigInt.asIntN(64, value) === value ? value : undefined;
  return Number.isSafeInteger(value) ? BigInt(value as number) : undefined;
}

function toUint64(value: unknown): bigint | undefined {
  if (typeof value === "bigint") return BigInt.asUintN(64, value) === value ? value : undefined;
  return Number.isSafeInteger(value) && (value as number) >= 0 ? BigInt(value as number) : undefined;
}

function writeWith(row: ArrayLike<unknown>, write: (value: unknown, index: number) => boolean): number {
  for (let i = 0; i < row.length; i++) if (!write(row[i], i)) return i;
  return -1;
}

function isComplex(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && typeof value[0] === "number" && typeof value[1] === "number";
}

function expectationOf(dtype: DType, value: unknown): string {
  switch (dtype) {
    case "float16":
    case "bfloat16":
    case "float32":
    case "float64":
      return `a number (${dtype})`;
    case "complex64":
    case "complex128":
      return `a pair of numbers [re, im] (${dtype})`;
    case "bool":
      return "true or false (bool)";
    case "string":
      return "a string or a Uint8Array (string)";
    case "int64":
    case "uint64":
      if (typeof value === "number" && Number.isInteger(value) && !(dtype === "uint64" && value < 0)) {
        return `a bigint or a safe integer (${dtype})`;
      }
      return dtype === "int64"
        ? "a whole number from -2^63 to 2^63-1 (int64)"
        : "a whole number from 0 to 2^64-1 (uint64)";
    default: {
      const [min, max] = RANGES[dtype];
      return `a whole number from ${min} to ${max} (${dtype})`;
    }
  }
}

/** The kind of value and how it misses, but not the value: that is payload. */
function findingOf(dtype: DType, value: unknown): string {
  if (value instanceof Tensor) return "a Tensor: join tensors with stack() or concat()";
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (typeof value === "number" && (dtype in RANGES || dtype === "int64" || dtype === "uint64")) {
    if (Number.isNaN(value)) return "NaN";
    if (!Number.isFinite(value)) return value > 0 ? "Infinity" : "-Infinity";
    if (!Number.isInteger(value)) return "a fraction";
    if (dtype === "int64" || (dtype === "uint64" && value >= 0)) return "a number beyond 2^53-1";
    return value < 0 ? "a lower one" : "a higher one";
  }
  if (typeof value === "bigint" && (dtype === "int64" || dtype === "uint64")) {
    return value < 0n ? "a lower one" : "a higher one";
  }
  if (typeof value === "number" && dtype === "bool") return "a number: compare it, as in value !== 0";
  return describeType(value);
}
