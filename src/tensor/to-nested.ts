import { invalidArgument } from "../errors/invalid-argument.ts";
import type { DType } from "./dtype.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "./half.ts";
import { formatShape, type Shape } from "./shape.ts";
import type { TensorParts } from "./tensor-parts.ts";

/** A complex number as nested values have it: `[re, im]`. */
export type Complex = [re: number, im: number];

/** One element of a tensor of dtype `D` as JavaScript has it. */
export type ElementOf<D extends DType> = D extends "int64" | "uint64"
  ? bigint
  : D extends "bool"
    ? boolean
    : D extends "string"
      ? Uint8Array
      : D extends "complex64" | "complex128"
        ? Complex
        : number;

/** Elements of dtype `D` in nested arrays; a bare one for a scalar. */
export type NestedOf<D extends DType> = ElementOf<D> | NestedOf<D>[];

/**
 * The elements in fresh nested arrays of the tensor's shape; a bare value for a scalar. 64-bit integers as bigint,
 * halves as numbers, complex numbers as `[re, im]`, strings as their bytes (shared).
 *
 * @throws ServingError (INVALID_ARGUMENT) for a shape that asks for far more arrays than it has elements, such as
 * `[1000000000, 0]`
 */
export function toNested<D extends DType>(tensor: TensorParts<D>): NestedOf<D> {
  const { shape } = tensor;
  refuseHollow(shape, tensor.size);
  const readRow = rowReader(tensor);
  if (shape.length === 0) return readRow(0, 1)[0] as NestedOf<D>;
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) {
    strides[axis] = (strides[axis + 1] as number) * (shape[axis + 1] as number);
  }
  return nest(shape, strides, 0, 0, readRow) as NestedOf<D>;
}

type RowReader = (begin: number, length: number) => unknown[];

function nest(shape: Shape, strides: readonly number[], axis: number, begin: number, readRow: RowReader): unknown[] {
  const length = shape[axis] as number;
  if (axis === shape.length - 1) return readRow(begin, length);
  const stride = strides[axis] as number;
  const out = new Array<unknown>(length);
  for (let i = 0; i < length; i++) out[i] = nest(shape, strides, axis + 1, begin + i * stride, readRow);
  return out;
}

function rowReader({ dtype, data }: TensorParts): RowReader {
  switch (dtype) {
    case "float16":
      return numberReader(float16ToFloat32(data as Uint16Array));
    case "bfloat16":
      return numberReader(bfloat16ToFloat32(data as Uint16Array));
    case "bool":
      return (begin, length) => readWith(begin, length, (i) => data[i] !== 0);
    case "complex64":
    case "complex128":
      return (begin, length) => readWith(begin, length, (i): unknown => [data[2 * i], data[2 * i + 1]]);
    case "string":
    case "int64":
    case "uint64":
      return (begin, length) => readWith(begin, length, (i) => data[i]);
    default:
      return numberReader(data as Float32Array);
  }
}

function readWith(begin: number, length: number, read: (index: number) => unknown): unknown[] {
  const out = new Array<unknown>(length);
  for (let i = 0; i < length; i++) out[i] = read(begin + i);
  return out;
}

// Apart from readWith because a call an element costs more than the element.
function numberReader(data: Float32Array): RowReader {
  return (begin, length) => {
    const out = new Array<number>(length);
    for (let i = 0; i < length; i++) out[i] = data[begin + i] as number;
    return out;
  };
}

/** A reply of a few bytes can carry a shape whose empty arrays would fill the memory. */
function refuseHollow(shape: Shape, size: number): void {
  let rows = 1;
  let arrays = 0;
  for (let axis = 0; axis < shape.length && rows > 0; axis++) {
    arrays += rows;
    rows *= shape[axis] as number;
  }
  if (arrays > 8 * size + 65_536) {
    throw invalidArgument(
      `toNested(): shape ${formatShape(shape)} needs ${arrays} arrays for ${size} elements, read data instead`,
    );
  }
}
