/** The numbers that everything is measured with: the same in every run. */

/** xorshift32: fast, seeded, good enough to look like data. */
export function randomSource(seed: number): () => number {
  let state = seed | 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** Values in [0, 1) that need all digits a float32 has. */
export function randomFloats(length: number): Float32Array {
  const next = randomSource(length);
  return Float32Array.from({ length }, next);
}

/** A picture of 224 by 224 with three colours: what image models take. */
export const IMAGE_SHAPE: readonly number[] = [1, 224, 224, 3];
export const IMAGE_SIZE = 150_528;

/** Nested arrays of a shape, as a body for JSON.stringify wants them. */
export function toNestedArrays(values: Float32Array, shape: readonly number[], first = 0): unknown {
  if (shape.length === 1) return Array.from(values.subarray(first, first + shape[0]!));
  const inner = shape.slice(1);
  const stride = inner.reduce((product, length) => product * length, 1);
  return Array.from({ length: shape[0]! }, (_, index) => toNestedArrays(values, inner, first + index * stride));
}
