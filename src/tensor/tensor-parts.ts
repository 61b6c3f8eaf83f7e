import type { DataOf, DType } from "./dtype.ts";
import type { Shape } from "./shape.ts";

/**
 * The public fields of a tensor. Functions that read tensors read no more than these, so tensors of another copy of
 * this package do as well.
 */
export interface TensorParts<D extends DType = DType> {
  readonly dtype: D;
  readonly shape: Shape;
  readonly size: number;
  readonly data: DataOf<D>;
}
