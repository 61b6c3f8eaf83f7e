import { invalidArgument } from "../errors/invalid-argument.ts";
import type { DType } from "./dtype.ts";
import { formatTensor, rowCount, rowData } from "./rows.ts";
import { withRows } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * Rows `begin` to `end` (exclusive; the last row when left out) of axis 0, as a tensor of the same rank.
 *
 * Shares memory: writing to its data writes to the whole tensor's. A string tensor gets a new list of the same byte
 * arrays. Nothing is counted from the end.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a scalar, and outside `0 <= begin <= end <= rows`
 */
export function slice<D extends DType>(tensor: Tensor<D>, begin: number, end?: number): Tensor<D> {
  const rows = rowCount(tensor, "slice()");
  const until = end ?? rows;
  if (!Number.isInteger(begin) || !Number.isInteger(until) || begin < 0 || until < begin || until > rows) {
    throw invalidArgument(
      `slice(): expected 0 <= begin <= end <= ${rows} for ${formatTensor(tensor)}, got ${String(begin)} and ${String(until)}`,
    );
  }
  return new Tensor(tensor.dtype, withRows(tensor.shape, until - begin), rowData<D>(tensor, begin, until));
}
