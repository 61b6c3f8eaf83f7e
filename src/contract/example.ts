/** A feature on its way: its kind and its values, as tf.Example has them. */
export type Feature =
  | { readonly kind: "float"; readonly values: Float32Array }
  | { readonly kind: "int64"; readonly values: BigInt64Array }
  | { readonly kind: "bytes"; readonly values: readonly Uint8Array[] }
  /** A list without values has no kind on the wire. */
  | { readonly kind: "none" };

/** A tf.Example with its kinds decided, made by `example()`. */
export interface Example {
  readonly features: ReadonlyMap<string, Feature>;
}
