import { invalidArgument } from "../errors/invalid-argument.ts";

/** Lengths of the axes, outermost first; `[]` is a scalar. */
export type Shape = readonly number[];

/**
 * How many elements a shape holds; 1 for a scalar.
 *
 * @throws ServingError (INVALID_ARGUMENT) when a length is not a whole number from 0, when there are more than
 * 254 axes, or when the product is beyond 2^53-1
 * @see tensorflow/core/framework/tensor_shape.cc kMaxRep (254 dimensions)
 */
export function sizeOf(shape: Shape, subject = "shape"): number {
  if (shape.length > 254) throw invalidArgument(`${subject}: ${shape.length} axes, at most 254 are allowed`);
  let size = 1;
  for (let axis = 0; axis < shape.length; axis++) {
    const length = shape[axis];
    if (!Number.isSafeInteger(length) || (length as number) < 0) {
      throw invalidArgument(
        `${subject}: [${shape.join(", ")}] has ${String(length)} at axis ${axis}, expected a whole number from 0`,
      );
    }
    size *= length as number;
  }
  if (!Number.isSafeInteger(size))
    throw invalidArgument(`${subject}: [${shape.join(", ")}] holds more than 2^53-1 elements`);
  return size;
}

/** `[2, 3]`, as messages show it. */
export function formatShape(shape: readonly (number | string)[]): string {
  return `[${shape.join(", ")}]`;
}

/** Whether two shapes are the same, length by length. */
export function sameShape(a: Shape, b: Shape): boolean {
  return sameRowShape(a, b) && a[0] === b[0];
}

/** Whether two shapes agree in all but axis 0. */
export function sameRowShape(a: Shape, b: Shape): boolean {
  if (a.length !== b.length) return false;
  for (let axis = 1; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}

/** The shape with another length of axis 0. */
export function withRows(shape: Shape, rows: number): Shape {
  const out = shape.slice();
  out[0] = rows;
  return out;
}
