import { invalidArgument } from "../errors/invalid-argument.ts";
import type { DType } from "./dtype.ts";
import { firstOf, joinData, requireTensor } from "./join.ts";
import { formatTensor } from "./rows.ts";
import { formatShape, sameRowShape, sizeOf, withRows } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * Joins tensors along axis 0, in their order.
 *
 * Shape: each `[n, ...rest]` of equal rest and dtype; result `[sum of n, ...rest]`. Always fresh memory, but for the
 * byte arrays of strings. Tensors without rows add nothing.
 *
 * @throws ServingError (INVALID_ARGUMENT) without tensors, for a scalar, and when dtype or rest differ
 */
export function concat<D extends DType>(tensors: readonly Tensor<D>[]): Tensor<D> {
  const first = firstOf(tensors, "concat()");
  let rows = 0;
  for (let index = 0; index < tensors.length; index++) {
    const tensor = tensors[index] as Tensor<D>;
    requireTensor(tensor, index, "concat()");
    if (tensor.shape.length === 0) throw invalidArgument(`concat(): tensor ${index} is a scalar, expected rows`);
    if (tensor.dtype !== first.dtype || !sameRowShape(tensor.shape, first.shape)) {
      const expected = formatShape(["any", ...first.shape.slice(1)]);
      throw invalidArgument(
        `concat(): tensor ${index} is ${formatTensor(tensor)}, expected ${first.dtype} ${expected} like tensor 0`,
      );
    }
    rows += tensor.shape[0] as number;
  }
  const shape = withRows(first.shape, rows);
  return new Tensor(first.dtype, shape, joinData(tensors, sizeOf(shape, "concat()"), "concat()"));
}
