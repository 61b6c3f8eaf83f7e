import type { NumericArray } from "./dtype.ts";
import type { Tensor } from "./tensor.ts";

/** One element as JavaScript has it. */
export type Scalar = number | bigint | boolean | string | Uint8Array;

/** Elements in nested arrays, where typed arrays may be the innermost rows; a bare element is a scalar tensor. */
export type NestedValue = Scalar | NumericArray | Uint8ClampedArray | readonly NestedValue[];

/** The half-precision array of newer runtimes, said by its shape: older type libraries do not know it. */
export interface Float16ArrayLike extends ArrayBufferView {
  readonly length: number;
  readonly [Symbol.toStringTag]: "Float16Array";
}

/** Any array that can hold the elements of a tensor. */
export type TensorArray = NumericArray | Uint8ClampedArray | Float16ArrayLike;

/** Elements that another library holds, in a typed array or a plain one. */
export type ForeignData = TensorArray | readonly Scalar[];

/**
 * A tensor of another library: anything with its elements and their shape. tfjs says `shape` and hands out its
 * elements with `dataSync()`, others say `dims` and `data`; the dtype is called `dtype` or `type`, and follows the
 * array's own type where it is missing. Strides and an offset are read where there are any.
 */
export type ForeignTensor = ForeignLayout & ({ readonly data: ForeignData } | { dataSync(): ForeignData });

/** What a foreign tensor says of its elements besides the elements. */
export interface ForeignLayout {
  readonly shape?: readonly number[] | undefined;
  readonly dims?: readonly number[] | undefined;
  readonly dtype?: string | undefined;
  readonly type?: string | undefined;
  /** In elements, as scijs and stdlib ndarrays have them. */
  readonly stride?: readonly number[] | undefined;
  readonly strides?: readonly number[] | undefined;
  readonly offset?: number | undefined;
  /** Said by readers of .npy files; true is refused where it matters. */
  readonly fortranOrder?: boolean | undefined;
}

/**
 * What can be given as an input: a {@link Tensor}, a tensor of another library, a typed array (one axis, or its own
 * `shape`, of its own dtype), or plain and nested values (number float32, bigint int64, boolean bool, string or bare
 * Uint8Array string, unless a signature says otherwise).
 */
export type TensorInput = Tensor | ForeignTensor | TensorArray | NestedValue;
