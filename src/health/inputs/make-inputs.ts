import type { Signature, TensorSpec } from "../../contract/signature.ts";
import { quote } from "../../internal/quote.ts";
import { type DType, isDType } from "../../tensor/dtype.ts";
import { formatShape, sizeOf } from "../../tensor/shape.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** Above this many elements made-up inputs are refused: the signature is the server's word, memory is ours. */
const MAX_ELEMENTS = 4_194_304;

/**
 * Inputs of a signature, each made by `make` from its name, dtype and shape. A free dimension is 1, and so is the
 * shape [1] where the rank is free.
 *
 * @throws Error for a dtype that cannot be made up, and for more elements than anybody should have to make up
 */
export function makeInputs(
  signature: Signature,
  make: (name: string, dtype: DType, shape: readonly number[]) => Tensor,
): Readonly<Record<string, Tensor>> {
  const inputs: Record<string, Tensor> = Object.create(null);
  let left = MAX_ELEMENTS;
  for (const [name, spec] of Object.entries(signature.inputs)) {
    if (!isDType(spec.dtype)) throw new Error(`input ${quote(name)} is ${spec.dtype}, which cannot be made up`);
    const shape = closeShape(spec);
    left -= sizeWithin(shape, left);
    if (left < 0) {
      throw new Error(
        `input ${quote(name)} ${formatShape(shape)} takes the made-up inputs above ${MAX_ELEMENTS} elements`,
      );
    }
    inputs[name] = make(name, spec.dtype, shape);
  }
  return inputs;
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
