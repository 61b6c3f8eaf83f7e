import { invalidArgument } from "../errors/invalid-argument.ts";
import { allocate } from "./allocate.ts";
import { arrayDType, isTypedArray } from "./array-dtype.ts";
import { count, describe } from "./describe.ts";
import type { DataOf, DType } from "./dtype.ts";
import { sizeOf } from "./shape.ts";
import { isBytes } from "./string-source.ts";
import { Tensor } from "./tensor.ts";
import type { NestedValue, TensorArray } from "./tensor-input.ts";
import { explainRefusal, writeElements } from "./write-elements.ts";

/**
 * A tensor of nested arrays: their lengths are its shape, a bare value makes a scalar. Always fresh memory, but for
 * the byte arrays of strings.
 *
 * Without `dtype` the first element decides: number float32, bigint int64, boolean bool, string or Uint8Array string,
 * and a typed array as innermost row its own dtype. With it, numbers are taken for 64-bit integers while they are safe
 * integers; integers are checked for range; floats are rounded to nearest (beyond the range: Infinity); bool takes
 * booleans alone; a complex number is an innermost pair `[re, im]`; typed arrays may be the innermost rows of any other
 * numeric dtype and are checked like plain numbers, while a Uint16Array in a float16 or bfloat16 tensor is raw bits.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming `subject` and the first index that is ragged or cannot be held, or
 * when an empty array leaves the dtype open
 */
export function fromNested<D extends DType>(value: NestedValue, dtype: D, subject?: string): Tensor<D>;
export function fromNested(value: NestedValue, dtype?: DType, subject?: string): Tensor;
export function fromNested(value: NestedValue, dtype?: DType, subject = "value"): Tensor {
  const outline = outlineOf(value, dtype);
  const { shape } = outline;
  const size = sizeOf(shape, subject);
  const resolved = dtype ?? dtypeOf(outline.first);
  if (resolved === undefined) {
    throw invalidArgument(
      shape.includes(0)
        ? `${subject}: an empty array does not tell its dtype, give a tensor such as tensor.float32([], [0])`
        : `${subject}${formatIndex(shape.map(() => 0))}: expected a number, bigint, boolean, string or Uint8Array, found ${describe(outline.first)}`,
    );
  }
  const data = allocate(resolved, size, subject);
  const failure = shape.length === 0 ? writeRow([value]) : fill(value, 0, 0);
  if (failure) {
    const where = `${failure.ragged ? ": ragged" : ""}${formatIndex(failure.index)}`;
    throw invalidArgument(`${subject}${where}: ${failure.text}`);
  }
  return new Tensor(resolved, shape, data, subject);

  function fill(rows: unknown, axis: number, begin: number): Failure | undefined {
    const length = shape[axis] as number;
    const isRow = Array.isArray(rows) || (axis === shape.length - 1 && isNumericRow(rows, resolved as DType));
    if (!isRow || (rows as ArrayLike<unknown>).length !== length) {
      return { index: [], ragged: true, text: `expected ${count(length, "value")}, found ${lengthOf(rows, isRow)}` };
    }
    if (axis === shape.length - 1) return writeRow(rows as ArrayLike<unknown>, begin);
    let stride = 1;
    for (let inner = axis + 1; inner < shape.length; inner++) stride *= shape[inner] as number;
    for (let i = 0; i < length; i++) {
      const failure = fill((rows as readonly unknown[])[i], axis + 1, begin + i * stride);
      if (failure) {
        failure.index.unshift(i);
        return failure;
      }
    }
    return undefined;
  }

  function writeRow(row: ArrayLike<unknown>, begin = 0): Failure | undefined {
    if (isHalfBits(row, resolved as DType)) {
      (data as Uint16Array).set(row, begin);
      return undefined;
    }
    const refused = writeElements(resolved as DType, data as DataOf<DType>, begin, row);
    if (refused < 0) return undefined;
    const element = row[refused];
    const tooDeep = Array.isArray(element) && !resolved?.startsWith("complex");
    return {
      index: shape.length === 0 ? [] : [refused],
      ragged: tooDeep,
      text: tooDeep
        ? `expected a single value, found an array of ${element.length}`
        : explainRefusal(resolved as DType, element),
    };
  }
}

interface Failure {
  readonly index: number[];
  readonly ragged: boolean;
  readonly text: string;
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
  else if (dtype?.startsWith("complex") && shape.at(-1) === 2 && typeof first === "number") shape.pop();
  return { shape, first };
}

/** Whether a value stands for a row of numbers: any typed array but bytes, unless bytes are what is wanted. */
function isNumericRow(value: unknown, dtype: DType | undefined): value is TensorArray {
  if (!isTypedArray(value)) return false;
  if (dtype === undefined) return !isBytes(value);
  return dtype !== "string" && dtype !== "bool" && !dtype.startsWith("complex");
}

function isHalfBits(row: ArrayLike<unknown>, dtype: DType): row is Uint16Array {
  return (dtype === "float16" || dtype === "bfloat16") && isTypedArray(row) && arrayDType(row) === "uint16";
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

function lengthOf(rows: unknown, isRow: boolean): string {
  return isRow ? String((rows as ArrayLike<unknown>).length) : describe(rows);
}

/** ` at [1][0]`, or nothing for a scalar. */
function formatIndex(index: readonly number[]): string {
  return index.length === 0 ? "" : ` at ${index.map((i) => `[${i}]`).join("")}`;
}
