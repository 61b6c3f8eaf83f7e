import { type DType, FIXED_WIDTH, type FixedWidthDType, type NumericArray } from "./dtype.ts";
import type { TensorArray } from "./tensor-input.ts";

const BY_TAG: Readonly<Record<string, FixedWidthDType>> = Object.assign(Object.create(null), {
  Float16Array: "float16",
  Float32Array: "float32",
  Float64Array: "float64",
  Int8Array: "int8",
  Int16Array: "int16",
  Int32Array: "int32",
  BigInt64Array: "int64",
  Uint8Array: "uint8",
  Uint8ClampedArray: "uint8",
  Uint16Array: "uint16",
  Uint32Array: "uint32",
  BigUint64Array: "uint64",
});

/** Whether a value is a typed array, of another realm too; a DataView is none. */
export function isTypedArray(value: unknown): value is TensorArray {
  return ArrayBuffer.isView(value) && arrayDType(value as TensorArray) !== undefined;
}

/** The dtype that a typed array has by itself: int64 for a BigInt64Array, uint8 for a Uint8ClampedArray. */
export function arrayDType(array: TensorArray): FixedWidthDType | undefined {
  return BY_TAG[array[Symbol.toStringTag]];
}

/**
 * The same memory as the array that a tensor of dtype `D` holds, or `undefined` where the array holds something else.
 * Uint16Array serves float16 and bfloat16 (raw bits), Uint8Array bool, Float32Array complex64 and Float64Array
 * complex128 (re, im pairs).
 */
export function viewAs(array: TensorArray, dtype: DType): NumericArray | undefined {
  if (dtype === "string") return undefined;
  const stored = FIXED_WIDTH[dtype].array;
  const tag = array[Symbol.toStringTag];
  if (tag === stored.name) return array as NumericArray;
  if (arrayDType(array) !== dtype) return undefined;
  // What is left: a clamped array for uint8, a half-precision array for float16.
  return new stored(array.buffer, array.byteOffset, array.length);
}
