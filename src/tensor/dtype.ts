/**
 * The element types a tensor may have and the array that holds them: the one table every room reads.
 *
 * `float16` and `bfloat16` hold raw bits, `bool` holds 0 and 1, complex numbers lie as re, im pairs
 * (two array values an element), `string` holds one byte string an element.
 *
 * @see tensorflow/core/framework/types.proto DataType
 */
export interface DataTypeMap {
  float16: Uint16Array;
  bfloat16: Uint16Array;
  float32: Float32Array;
  float64: Float64Array;
  int8: Int8Array;
  int16: Int16Array;
  int32: Int32Array;
  int64: BigInt64Array;
  uint8: Uint8Array;
  uint16: Uint16Array;
  uint32: Uint32Array;
  uint64: BigUint64Array;
  bool: Uint8Array;
  string: readonly Uint8Array[];
  complex64: Float32Array;
  complex128: Float64Array;
}

/** An element type that this library can hold, send and read. */
export type DType = keyof DataTypeMap;

/** The array that holds the elements of a tensor of dtype `D`. */
export type DataOf<D extends DType> = DataTypeMap[D];

/** Every dtype but `string`: those whose elements have a fixed width. */
export type FixedWidthDType = Exclude<DType, "string">;

/** Any of the arrays that hold fixed-width elements. */
export type NumericArray = DataTypeMap[FixedWidthDType];

export interface DTypeInfo {
  /** Bytes an element takes on the wire and in memory. */
  readonly bytesPerElement: number;
  /** Array values an element takes: 2 for complex numbers, 1 for the rest. */
  readonly valuesPerElement: 1 | 2;
  /** Makes the array that holds `length` values. */
  readonly array: NumericArrayConstructor;
}

export interface NumericArrayConstructor {
  new (length: number): NumericArray;
  new (buffer: ArrayBufferLike, byteOffset?: number, length?: number): NumericArray;
  readonly BYTES_PER_ELEMENT: number;
  readonly name: string;
}

function row(array: NumericArrayConstructor, valuesPerElement: 1 | 2 = 1): DTypeInfo {
  return { array, valuesPerElement, bytesPerElement: array.BYTES_PER_ELEMENT * valuesPerElement };
}

/** One row a fixed-width dtype. `string` has none: its elements have no fixed width. */
export const FIXED_WIDTH: Readonly<Record<FixedWidthDType, DTypeInfo>> = {
  float16: row(Uint16Array),
  bfloat16: row(Uint16Array),
  float32: row(Float32Array),
  float64: row(Float64Array),
  int8: row(Int8Array),
  int16: row(Int16Array),
  int32: row(Int32Array),
  int64: row(BigInt64Array as unknown as NumericArrayConstructor),
  uint8: row(Uint8Array),
  uint16: row(Uint16Array),
  uint32: row(Uint32Array),
  uint64: row(BigUint64Array as unknown as NumericArrayConstructor),
  bool: row(Uint8Array),
  complex64: row(Float32Array, 2),
  complex128: row(Float64Array, 2),
};

/** All dtypes, in the order in which messages list them. */
export const DTYPES: readonly DType[] = [...(Object.keys(FIXED_WIDTH) as FixedWidthDType[]), "string"];

/** Whether a text names a dtype of this library. */
export function isDType(name: unknown): name is DType {
  return typeof name === "string" && (name === "string" || Object.hasOwn(FIXED_WIDTH, name));
}
