import { invalidArgument } from "../errors/invalid-argument.ts";
import { type DataOf, type DType, FIXED_WIDTH } from "./dtype.ts";

/**
 * Room for `size` elements of `dtype`, all zero.
 *
 * @throws ServingError (INVALID_ARGUMENT) when there cannot be that much
 */
export function allocate<D extends DType>(dtype: D, size: number, subject: string): DataOf<D> {
  try {
    if (dtype === "string") return new Array<Uint8Array>(size) as unknown as DataOf<D>;
    const { array, valuesPerElement } = FIXED_WIDTH[dtype as Exclude<D, "string">];
    return new array(size * valuesPerElement) as DataOf<D>;
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw invalidArgument(`${subject}: ${size} ${dtype} elements are more than memory can hold`, { cause });
  }
}
