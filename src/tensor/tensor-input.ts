import type { NumericArray } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

/** One element as JavaScript has it. */
export type Scalar = number | bigint | boolean | string | Uint8Array;

/** Elements in nested arrays; a bare one is a scalar tensor. */
export type NestedValue = Scalar | readonly NestedValue[];

/**
 * A tensor of another library: anything with its elements and their shape. tfjs says `shape`, others `dims`; the
 * dtype is called `dtype` or `type`, and follows the array's own type where it is missing.
 */
export interface ForeignTensor {
  readonly data: NumericArray | Uint8ClampedArray | readonly Scalar[];
  readonly shape?: readonly number[] | undefined;
  readonly dims?: readonly number[] | undefined;
  readonly dtype?: string | undefined;
  readonly type?: string | undefined;
}

/**
 * What can be given as an input: a {@link Tensor}, a tensor of another library, a typed array (one axis, its own
 * dtype), or plain and nested values (number float32, bigint int64, boolean bool, string or Uint8Array string, unless
 * a signature says otherwise).
 */
export type TensorInput = Tensor | ForeignTensor | NumericArray | NestedValue;
