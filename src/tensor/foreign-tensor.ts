import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { isTypedArray } from "./array-dtype.ts";
import type { DType } from "./dtype.ts";
import { fromForeignDType } from "./foreign-dtype.ts";
import { formatShape, type Shape, sameShape, sizeOf } from "./shape.ts";
import type { ForeignData, ForeignLayout, ForeignTensor, TensorArray } from "./tensor-input.ts";

/** What a tensor of another library says, in this one's words. */
export interface ForeignContent {
  readonly data: ForeignData;
  readonly dtype: DType | undefined;
  readonly shape: Shape | undefined;
}

/** Whether an object looks like a tensor of another library: it has `data`, or hands it out by `dataSync()`. */
export function isForeignTensor(input: unknown): input is ForeignTensor {
  if (typeof input !== "object" || input === null || Array.isArray(input)) return false;
  return "dataSync" in input ? typeof input.dataSync === "function" : "data" in input;
}

/**
 * Reads another library's tensor without copying its elements.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a dtype without a counterpart here, for data that is no array, and for
 * elements that do not lie one after the other in row-major order
 */
export function fromForeign(input: ForeignTensor, subject: string): ForeignContent {
  const shape = input.shape ?? input.dims;
  if (shape !== undefined && !Array.isArray(shape)) {
    throw invalidArgument(`${subject}: shape must be an array, found ${describeType(shape)}`);
  }
  const dtype = dtypeOf(input, subject);
  // What is handed out is always compact; tfjs has `strides` too, but without the last axis.
  if ("dataSync" in input) return { data: requireArray(input.dataSync(), subject), dtype, shape };
  return { data: compact(requireArray(input.data, subject), shape, input, subject), dtype, shape };
}

function requireArray(data: ForeignData, subject: string): ForeignData {
  if (isTypedArray(data) || Array.isArray(data)) return data;
  throw invalidArgument(`${subject}: data must be a typed array or an array, found ${describeType(data)}`);
}

function dtypeOf(input: ForeignLayout, subject: string): DType | undefined {
  const name = input.dtype ?? input.type;
  // The ndarray packages say this of plain arrays: the elements tell.
  if (name === undefined || name === "array" || name === "generic") return undefined;
  const dtype = typeof name === "string" ? fromForeignDType(name) : undefined;
  if (dtype === undefined) {
    throw invalidArgument(
      `${subject}: dtype ${typeof name === "string" ? JSON.stringify(name) : describeType(name)} is not known`,
    );
  }
  return dtype;
}

/** The part of `data` that the tensor covers. An ndarray may be a window on more, or be turned. */
function compact(data: ForeignData, shape: Shape | undefined, layout: ForeignLayout, subject: string): ForeignData {
  const strides = layout.strides ?? layout.stride;
  if (layout.fortranOrder === true && shape !== undefined && shape.length > 1) {
    throw invalidArgument(`${subject}: elements in Fortran order are not row-major, copy them first`);
  }
  if (shape === undefined || strides === undefined) return data;
  const size = sizeOf(shape, subject);
  const offset = layout.offset ?? 0;
  if (size > 0 && !isRowMajor(shape, strides)) {
    throw invalidArgument(
      `${subject}: shape ${formatShape(shape)} with strides ${formatShape(strides)} is not row-major, copy it first`,
    );
  }
  if (offset === 0 && data.length === size) return data;
  if (!Number.isSafeInteger(offset) || offset < 0) {
    throw invalidArgument(`${subject}: offset must be a whole number from 0, found ${String(offset)}`);
  }
  const end = offset + size;
  return Array.isArray(data) ? data.slice(offset, end) : window(data as TensorArray, offset, end);
}

function window(data: TensorArray, begin: number, end: number): TensorArray {
  return (data as Float32Array).subarray(begin, end);
}

function isRowMajor(shape: Shape, strides: Shape): boolean {
  if (!Array.isArray(strides) || strides.length !== shape.length) return false;
  let stride = 1;
  const expected: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    // An axis of one element may have any stride: it is never stepped along.
    expected.unshift(shape[axis] === 1 ? (strides[axis] as number) : stride);
    stride *= shape[axis] as number;
  }
  return sameShape(strides, expected);
}
