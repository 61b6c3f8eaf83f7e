import type { InputSource } from "../../contract/input-source.ts";
import { type DType, FIXED_WIDTH } from "../../tensor/dtype.ts";
import { sizeOf } from "../../tensor/shape.ts";
import { Tensor } from "../../tensor/tensor.ts";
import { makeInputs } from "./make-inputs.ts";

/** Inputs that fit the signature and mean nothing: zeros, false, empty strings. */
export const zeroInputs: InputSource = {
  name: "zeros made up from the signature",
  synthetic: true,
  inputsFor: async ({ signature }) => makeInputs(signature, (_name, dtype, shape) => zeros(dtype, shape)),
};

function zeros(dtype: DType, shape: readonly number[]): Tensor {
  const size = sizeOf(shape);
  if (dtype === "string") {
    const empty = Array.from({ length: size }, () => new Uint8Array(0));
    return new Tensor("string", shape, empty) as Tensor;
  }
  const { array: ArrayType, valuesPerElement } = FIXED_WIDTH[dtype];
  return new Tensor<DType>(dtype, shape, new ArrayType(size * valuesPerElement));
}
