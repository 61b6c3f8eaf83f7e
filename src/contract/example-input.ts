import type { Example } from "./example.ts";

type OneOrMany<T> = T | readonly T[];

/**
 * One feature of an example: number float, bigint int64, string or bytes bytes; a list of one of them; or the kind
 * said outright, for example `{ int64: [1, 2] }`.
 */
export type FeatureInput =
  | OneOrMany<number>
  | OneOrMany<bigint>
  | OneOrMany<string | Uint8Array>
  | Float32Array
  | Float64Array
  | BigInt64Array
  | { readonly float: OneOrMany<number> | Float32Array | Float64Array }
  | { readonly int64: OneOrMany<number | bigint | boolean> | BigInt64Array }
  | { readonly bytes: OneOrMany<string | Uint8Array> };

/** A tf.Example: a plain object of features, or one made by `example()`. */
export type ExampleInput = Example | { readonly [feature: string]: FeatureInput };
