import { invalidArgument } from "../errors/invalid-argument.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "./dtype.ts";
import { formatShape } from "./shape.ts";
import type { TensorParts } from "./tensor-parts.ts";

/**
 * The length of axis 0.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a scalar, naming `operation`
 */
export function rowCount(tensor: TensorParts, operation: string): number {
  const rows = tensor.shape[0];
  if (rows === undefined) throw invalidArgument(`${operation}: a ${tensor.dtype} scalar has no rows`);
  return rows;
}

/**
 * The elements of rows `begin` to `end` (exclusive), both within the tensor. Typed arrays share memory; a string
 * tensor gives a new list of the same byte arrays.
 */
export function rowData<D extends DType>(tensor: TensorParts<D>, begin: number, end: number): DataOf<D> {
  const rows = tensor.shape[0] as number;
  const elements = rows === 0 ? 0 : tensor.size / rows;
  const data: DataOf<DType> = tensor.data;
  if (tensor.dtype === "string") {
    return (data as readonly Uint8Array[]).slice(begin * elements, end * elements) as unknown as DataOf<D>;
  }
  const values = elements * FIXED_WIDTH[tensor.dtype as FixedWidthDType].valuesPerElement;
  return (data as Float32Array).subarray(begin * values, end * values) as unknown as DataOf<D>;
}

/** `float32 [2, 3]`: a tensor as messages name it. */
export function formatTensor(tensor: Pick<TensorParts, "dtype" | "shape">): string {
  return `${tensor.dtype} ${formatShape(tensor.shape)}`;
}
