import { fromArray } from "./from-array.ts";
import type { Shape } from "./shape.ts";
import type { Tensor } from "./tensor.ts";
import type { Float16ArrayLike } from "./tensor-input.ts";

/** Values in nested arrays; a bare one makes a scalar. */
export type Nested<T> = T | readonly Nested<T>[];

type Bytes = Uint8Array | Uint8ClampedArray;
type UpTo16Bits = Int16Array | Int8Array | Uint16Array | Bytes;
type UpTo32Bits = Int32Array | Uint32Array | UpTo16Bits;

/**
 * Makes tensors: one method a dtype, taking a typed array or nested values, and a shape.
 *
 * A typed array of the dtype's own kind is shared and never copied; without `shape` it has one axis. One of a narrower
 * kind goes into fresh memory, value by value the same. Nested values (the innermost rows may be typed arrays) have the shape they are nested in; a flat array may be given another of as many elements. Each method throws
 * ServingError (INVALID_ARGUMENT) for ragged values (with the first ragged index), for a value that the dtype cannot
 * hold (with its index), and for a shape that does not fit.
 */
export interface TensorBuilder {
  /** Raw bits as Uint16Array (shared), or numbers, Float32Array or Float64Array rounded to nearest. */
  float16(
    values: Nested<number | Uint16Array> | Float16ArrayLike | Float32Array | Float64Array,
    shape?: Shape,
  ): Tensor<"float16">;
  /** Raw bits as Uint16Array (shared), or numbers, Float32Array or Float64Array rounded to nearest. */
  bfloat16(values: Nested<number | Uint16Array> | Float32Array | Float64Array, shape?: Shape): Tensor<"bfloat16">;
  /** A Float64Array is rounded into fresh memory, as plain numbers are; beyond the range is Infinity. */
  float32(values: Nested<number | Float32Array> | Float64Array, shape?: Shape): Tensor<"float32">;
  float64(values: Nested<number | Float64Array | Float32Array>, shape?: Shape): Tensor<"float64">;
  int8(values: Nested<number | Int8Array>, shape?: Shape): Tensor<"int8">;
  int16(values: Nested<number | Int16Array | Int8Array | Bytes>, shape?: Shape): Tensor<"int16">;
  int32(values: Nested<number | Int32Array | UpTo16Bits>, shape?: Shape): Tensor<"int32">;
  /** Bigints, or numbers that are safe integers. */
  int64(values: Nested<number | bigint | BigInt64Array | UpTo32Bits>, shape?: Shape): Tensor<"int64">;
  uint8(values: Nested<number | Bytes>, shape?: Shape): Tensor<"uint8">;
  uint16(values: Nested<number | Uint16Array | Bytes>, shape?: Shape): Tensor<"uint16">;
  uint32(values: Nested<number | Uint32Array | Uint16Array | Bytes>, shape?: Shape): Tensor<"uint32">;
  /** Bigints, or numbers that are safe integers, from 0. */
  uint64(
    values: Nested<number | bigint | BigUint64Array | Uint32Array | Uint16Array | Bytes>,
    shape?: Shape,
  ): Tensor<"uint64">;
  /** Booleans, or a Uint8Array of 0 and 1. */
  bool(values: Nested<boolean> | Uint8Array, shape?: Shape): Tensor<"bool">;
  /** Texts (sent as UTF-8) and bytes (shared), mixed as you like. */
  string(values: Nested<string | Uint8Array>, shape?: Shape): Tensor<"string">;
  /** `[re, im]` as innermost pairs, or a Float32Array of re, im, re, im, … (shared). */
  complex64(values: Nested<number> | Float32Array, shape?: Shape): Tensor<"complex64">;
  /** `[re, im]` as innermost pairs, or a Float64Array of re, im, re, im, … (shared). */
  complex128(values: Nested<number> | Float64Array, shape?: Shape): Tensor<"complex128">;
}

/** `tensor.float32([[1, 2], [3, 4]])`: see {@link TensorBuilder}. */
export const tensor: TensorBuilder = {
  float16: (values, shape) => fromArray("float16", values, shape),
  bfloat16: (values, shape) => fromArray("bfloat16", values, shape),
  float32: (values, shape) => fromArray("float32", values, shape),
  float64: (values, shape) => fromArray("float64", values, shape),
  int8: (values, shape) => fromArray("int8", values, shape),
  int16: (values, shape) => fromArray("int16", values, shape),
  int32: (values, shape) => fromArray("int32", values, shape),
  int64: (values, shape) => fromArray("int64", values, shape),
  uint8: (values, shape) => fromArray("uint8", values, shape),
  uint16: (values, shape) => fromArray("uint16", values, shape),
  uint32: (values, shape) => fromArray("uint32", values, shape),
  uint64: (values, shape) => fromArray("uint64", values, shape),
  bool: (values, shape) => fromArray("bool", values, shape),
  string: (values, shape) => fromArray("string", values, shape),
  complex64: (values, shape) => fromArray("complex64", values, shape),
  complex128: (values, shape) => fromArray("complex128", values, shape),
};
