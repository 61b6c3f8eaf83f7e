import { invalidArgument } from "../errors/invalid-argument.ts";
import type { DType } from "./dtype.ts";
import { firstOf, joinData, requireTensor } from "./join.ts";
import { formatTensor } from "./rows.ts";
import { sameShape, sizeOf } from "./shape.ts";
import { Tensor } from "./tensor.ts";

/**
 * Makes each tensor a row of a new axis 0: single images become a batch.
 *
 * Shape: n tensors of one shape and dtype; result `[n, ...shape]`. Always fresh memory, but for the byte arrays of
 * strings.
 *
 * @throws ServingError (INVALID_ARGUMENT) without tensors, and when dtype or shape differ
 */
export function stack<D extends DType>(tensors: readonly Tensor<D>[]): Tensor<D> {
  const first = firstOf(tensors, "stack()");
  for (const [index, tensor] of tensors.entries()) {
    requireTensor(tensor, index, "stack()");
    if (tensor.dtype !== first.dtype || !sameShape(tensor.shape, first.shape)) {
      throw invalidArgument(
        `stack(): tensor ${index} is ${formatTensor(tensor)}, expected ${formatTensor(first)} like tensor 0`,
      );
    }
  }
  const shape = [tensors.length, ...first.shape];
  return new Tensor(first.dtype, shape, joinData(tensors, sizeOf(shape, "stack()"), "stack()"));
}
