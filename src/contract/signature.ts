/**
 * One input or output of a signature.
 *
 * `shape` is `null` when the rank is not known; -1 stands for a free dimension. `dtype` is one of this library's
 * names, or the server's own (`DT_RESOURCE`) for a dtype it cannot hold.
 */
export interface TensorSpec {
  readonly dtype: string;
  readonly shape: readonly number[] | null;
  /** The graph tensor behind the name; `""` where the server does not tell. */
  readonly tensorName: string;
}

/** What a model can be asked: names, dtypes and shapes going in and coming out. */
export interface Signature {
  /** `tensorflow/serving/predict`, `…/classify`, `…/regress`, or empty. */
  readonly methodName: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  readonly outputs: Readonly<Record<string, TensorSpec>>;
  /** Names of inputs that the server can fill by itself (gRPC only). */
  readonly defaults?: readonly string[];
}

/** The signature that answers where none is named. */
export const DEFAULT_SIGNATURE = "serving_default";
