import type { Signature, TensorSpec } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { type DType, FIXED_WIDTH, isDType } from "../tensor/dtype.ts";
import { formatShape, sizeOf } from "../tensor/shape.ts";
import { Tensor } from "../tensor/tensor.ts";

/** Above this many elements made-up inputs are refused: the signature is the server's word, memory is ours. */
const MAX_ELEMENTS = 4_194_304;

/** Either inputs, or why none can be made up. */
export type SyntheticInputs = { readonly inputs: Readonly<Record<string, Tensor>> } | { readonly obstacle: string };

/**
 * Inputs that fit a signature and mean nothing: zeros, false, empty strings. A free dimension is 1, and so is the
 * shape [1] where the rank is free.
 */
export function makeInputs(signature: Signature): SyntheticInputs {
  const inputs: Record<string, Tensor> = Object.create(null);
  let left = MAX_ELEMENTS;
  for (const [name, spec] of Object.entries(signature.inputs)) {
    if (!isDType(spec.dtype)) return { obstacle: `input ${quote(name)} is ${spec.dtype}, which cannot be made up` };
    const shape = closeShape(spec);
    left -= sizeWithin(shape, left);
    if (left < 0) {
      return {
        obstacle: `input ${quote(name)} ${formatShape(shape)} takes the made-up inputs above ${MAX_ELEMENTS} elements`,
      };
    }
    inputs[name] = zeros(spec.dtype, shape);
  }
  return { inputs };
}

function closeShape(spec: TensorSpec): number[] {
  return spec.shape === null ? [1] : spec.shape.map((length) => (length < 0 ? 1 : length));
}

function sizeWithin(shape: readonly number[], limit: number): number {
  let size = 1;
  for (const length of shape) {
    size *= length;
    if (size > limit) return limit + 1;
  }
  return sizeOf(shape);
}

function zeros(dtype: DType, shape: readonly number[]): Tensor {
  const size = sizeOf(shape);
  if (dtype === "string")
    return new Tensor(
      "string",
      shape,
      Array.from({ length: size }, () => new Uint8Array(0)),
    ) as Tensor;
  const { array: ArrayType, valuesPerElement } = FIXED_WIDTH[dtype];
  return new Tensor<DType>(dtype, shape, new ArrayType(size * valuesPerElement));
}
