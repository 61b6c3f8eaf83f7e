import { DTYPES } from "../../tensor/dtype.ts";
import type { ModelDefinition, SignatureDefinition } from "../model-definition.ts";

function identity(dtype: string): SignatureDefinition {
  return { inputs: { x: { dtype, shape: null } }, outputs: { x: { dtype, shape: null } } };
}

/**
 * Gives back what it gets, bit by bit: one signature a dtype, named after it, each with input and output `x` of any
 * shape. `serving_default` is the one of float32. REST refuses float16, bfloat16, uint16 and complex, as it does.
 */
export const echo: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: identity("float32"),
        ...Object.fromEntries(DTYPES.map((dtype) => [dtype, identity(dtype)])),
      },
      predict: (inputs) => inputs,
    },
  },
};
