import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { allocate } from "./allocate.ts";
import { type DataOf, type DType, FIXED_WIDTH, type FixedWidthDType } from "./dtype.ts";
import { Tensor } from "./tensor.ts";

/** The elements of tensors of one dtype, one after the other in fresh memory; `size` is their sum. */
export function joinData<D extends DType>(tensors: readonly Tensor<D>[], size: number, operation: string): DataOf<D> {
  const dtype = (tensors[0] as Tensor<D>).dtype;
  if (dtype === "string") {
    return (tensors as readonly Tensor<"string">[]).flatMap((tensor) => tensor.data) as unknown as DataOf<D>;
  }
  const out = allocate(dtype, size, operation);
  const { valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  let offset = 0;
  for (const tensor of tensors) {
    (out as Float32Array).set(tensor.data as Float32Array, offset);
    offset += tensor.size * valuesPerElement;
  }
  return out;
}

/** The first of at least one tensor. */
export function firstOf<D extends DType>(tensors: readonly Tensor<D>[], operation: string): Tensor<D> {
  if (!Array.isArray(tensors))
    throw invalidArgument(`${operation}: expected an array of tensors, got ${describeType(tensors)}`);
  if (tensors.length === 0) throw invalidArgument(`${operation}: expected at least one tensor, got none`);
  requireTensor(tensors[0], 0, operation);
  return tensors[0] as Tensor<D>;
}

/** Refuses what is no tensor, by its place in the list. */
export function requireTensor(value: unknown, index: number, operation: string): void {
  if (!(value instanceof Tensor))
    throw invalidArgument(`${operation}: item ${index} must be a Tensor, got ${describeType(value)}`);
}
