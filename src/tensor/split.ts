import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { count } from "./count.ts";
import type { DType } from "./dtype.ts";
import { formatTensor, rowCount } from "./rows.ts";
import { slice } from "./slice.ts";
import type { Tensor } from "./tensor.ts";

/**
 * Cuts a tensor along axis 0: into `parts` of equal size, or into parts of the given `sizes`. Undoes `concat`.
 *
 * Shape: `[n, ...rest]`; results `[size, ...rest]`, in order. Each part shares memory with the whole, as `slice` does.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a scalar, when `parts` does not divide n, and when the sizes are not whole
 * numbers that add up to n
 */
export function split<D extends DType>(tensor: Tensor<D>, sizesOrParts: number | readonly number[]): Tensor<D>[] {
  const rows = rowCount(tensor, "split()");
  const sizes = typeof sizesOrParts === "number" ? equalSizes(tensor, rows, sizesOrParts) : sizesOrParts;
  checkSizes(tensor, rows, sizes);
  let begin = 0;
  return sizes.map((size) => {
    const part = slice(tensor, begin, begin + size);
    begin += size;
    return part;
  });
}

function equalSizes(tensor: Tensor, rows: number, parts: number): number[] {
  if (!Number.isInteger(parts) || parts < 1 || rows % parts !== 0) {
    throw invalidArgument(`split(): ${formatTensor(tensor)} does not split into ${String(parts)} equal parts`);
  }
  return new Array<number>(parts).fill(rows / parts);
}

function checkSizes(tensor: Tensor, rows: number, sizes: unknown): void {
  if (!Array.isArray(sizes))
    throw invalidArgument(`split(): expected sizes or a number of parts, got ${describeType(sizes)}`);
  let sum = 0;
  for (const [index, size] of sizes.entries()) {
    if (!Number.isInteger(size) || size < 0) {
      throw invalidArgument(
        `split(): size ${index} is ${typeof size === "number" ? size : describeType(size)}, expected a whole number from 0`,
      );
    }
    sum += size;
  }
  if (sum !== rows) {
    throw invalidArgument(`split(): sizes add up to ${count(sum, "row")}, ${formatTensor(tensor)} has ${rows}`);
  }
}
