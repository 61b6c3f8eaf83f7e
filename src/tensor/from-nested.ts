import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { allocate } from "./allocate.ts";
import { arrayDType, isTypedArray, viewAs } from "./array-dtype.ts";
import { count } from "./count.ts";
import type { DataOf, DType, NumericArray } from "./dtype.ts";
import { type Shape, sizeOf } from "./shape.ts";
import { isBytes } from "./string-source.ts";
import { Tensor } from "./tensor.ts";
import type { NestedValue, TensorArray } from "./tensor-input.ts";
import { widen } from "./widen.ts";
import { explainRefusal, writeElements } from "./write-elements.ts";

/**
 * A tensor of nested arrays: their lengths are its shape, a bare value makes a scalar. Always fresh memory, but for
 * the byte arrays of strings.
 *
 * Without `dtype` the first element decides: number float32, bigint int64, boolean bool, string or Uint8Array string,
 * and a typed array as innermost row its own dtype. With it, numbers are taken for 64-bit integers while they are safe
 * integers; integers are checked for range; floats are rounded to nearest (beyond the range: Infinity); bool takes
 * booleans alone; a complex number is an innermost pair `[re, im]`. Innermost rows of the other numeric dtypes may be
 * typed arrays: of the dtype's own kind (Uint16Array for the halves: raw bits), narrower integers, or Float32Array for
 * float64.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming `subject` and the first index that is ragged or cannot be held, or
 * when an empty array leaves the dtype open
 */
export function fromNested<D extends DType>(value: NestedValue, dtype: D, subject?: string): Tensor<D>;
export function fromNested(value: NestedValue, dtype?: DType, subject?: string): Tensor;
export function fromNested(value: NestedValue, dtype?: DType, subject = "value"): Tensor {
  const { shape, first } = outlineOf(value, dtype);
  const size = sizeOf(shape, subject);
  const resolved = dtype ?? dtypeOf(first);
  if (resolved === undefined) throw noDType(subject, shape, first);
  const target: Target = { dtype: resolved, shape, data: allocate<DType>(resolved, size, subject) };
  const failure = shape.length === 0 ? writeRow(target, [value], 0) : fill(target, value, 0, 0);
  if (failure) {
    const index = shape.length === 0 ? "" : formatIndex(failure.index);
    throw invalidArgument(`${subject}${failure.ragged ? ": ragged" : ""}${index}: ${failure.text}`);
  }
  return new Tensor(resolved, shape, target.data, subject);
}

/** What is filled: the shape is that of the first elements, which the others must keep to. */
interface Target {
  readonly dtype: DType;
  readonly shape: Shape;
  readonly data: DataOf<DType>;
}

/** The first thing that did not fit. Its index grows from the innermost axis outwards as the recursion ends. */
interface Failure {
  readonly index: number[];
  readonly ragged: boolean;
  readonly text: string;
}

function fill(target: Target, rows: unknown, axis: number, begin: number): Failure | undefined {
  const { dtype, shape } = target;
  const length = shape[axis] as number;
  const innermost = axis === shape.length - 1;
  const isRow = Array.isArray(rows) || (innermost && isNumericRow(rows, dtype));
  if (!isRow || rows.length !== length) {
    const found = isRow ? rows.length : describeType(rows);
    return { index: [], ragged: true, text: `expected ${count(length, "value")}, found ${found}` };
  }
  if (innermost) return isNumericRow(rows, dtype) ? copyRow(target, rows, begin) : writeRow(target, rows, begin);
  let stride = 1;
  for (let inner = axis + 1; inner < shape.length; inner++) stride *= shape[inner] as number;
  for (let i = 0; i < length; i++) {
    const failure = fill(target, (rows as readonly unknown[])[i], axis + 1, begin + i * stride);
    if (failure) {
      failure.index.unshift(i);
      return failure;
    }
  }
  return undefined;
}

function copyRow({ dtype, data }: Target, row: TensorArray, begin: number): Failure | undefined {
  const same = viewAs(row, dtype) ?? widen(row as NumericArray, arrayDType(row) as DType, dtype);
  if (same === undefined)
    return { index: [], ragged: false, text: `expected ${dtype} values, found ${describeType(row)}` };
  (data as Float32Array).set(same as Float32Array, begin);
  return undefined;
}

function writeRow({ dtype, data }: Target, row: ArrayLike<unknown>, begin: number): Failure | undefined {
  const refused = writeElements(dtype, data, begin, row);
  if (refused < 0) return undefined;
  const element = row[refused];
  if (Array.isArray(element) && !isComplex(dtype)) {
    return { index: [refused], ragged: true, text: `expected a single value, found an array of ${element.length}` };
  }
  return { index: [refused], ragged: false, text: explainRefusal(dtype, element) };
}

interface Outline {
  readonly shape: number[];
  /** The first element; the first row where that is a typed array; undefined where there is none. */
  readonly first: unknown;
}

/** Lengths along the first elements, down to the first that is no row. */
function outlineOf(value: unknown, dtype: DType | undefined): Outline {
  const shape: number[] = [];
  let first = value;
  // An array can hold itself: one axis beyond what sizeOf allows is enough to be refused there.
  while (Array.isArray(first) && shape.length <= 255) {
    shape.push(first.length);
    first = first[0];
  }
  if (isNumericRow(first, dtype)) shape.push(first.length);
  else if (isComplex(dtype) && shape.at(-1) === 2 && typeof first === "number") shape.pop();
  return { shape, first };
}

/** Whether a value stands for a row of numbers: any typed array but bytes, unless bytes are what is wanted. */
function isNumericRow(value: unknown, dtype: DType | undefined): value is TensorArray {
  if (!isTypedArray(value)) return false;
  if (dtype === undefined) return !isBytes(value);
  return dtype !== "string" && dtype !== "bool" && !isComplex(dtype);
}

function dtypeOf(first: unknown): DType | undefined {
  switch (typeof first) {
    case "number":
      return "float32";
    case "bigint":
      return "int64";
    case "boolean":
      return "bool";
    case "string":
      return "string";
    default:
      if (isBytes(first)) return "string";
      return isTypedArray(first) ? arrayDType(first) : undefined;
  }
}

function isComplex(dtype: DType | undefined): boolean {
  return dtype === "complex64" || dtype === "complex128";
}

function noDType(subject: string, shape: Shape, first: unknown): Error {
  if (shape.includes(0)) {
    return invalidArgument(
      `${subject}: an empty array does not tell its dtype, give a tensor such as tensor.float32([], [0])`,
    );
  }
  const where = formatIndex(shape.map(() => 0));
  return invalidArgument(
    `${subject}${where}: expected a number, bigint, boolean, string or Uint8Array, found ${describeType(first)}`,
  );
}

/** ` at [1][0]`, or nothing for a scalar. */
function formatIndex(index: readonly number[]): string {
  return index.length === 0 ? "" : ` at ${index.map((i) => `[${i}]`).join("")}`;
}
