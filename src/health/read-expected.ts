import type { Signature } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { isDType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { toTensor } from "../tensor/to-tensor.ts";
import { oneLine } from "./one-line.ts";

/** Expected values as tensors, or why they cannot be had. */
export type ExpectedTensors = { readonly tensors: Readonly<Record<string, Tensor>> } | { readonly obstacle: string };

/** Expected values by output name as tensors of the dtypes that the signature gives its outputs. */
export function readExpected(expect: Readonly<Record<string, TensorInput>>, signature: Signature): ExpectedTensors {
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const [name, value] of Object.entries(expect)) {
    const dtype = Object.hasOwn(signature.outputs, name) ? signature.outputs[name]?.dtype : undefined;
    try {
      tensors[name] = toTensor(value, `expect ${quote(name)}`, isDType(dtype) ? { dtype } : undefined);
    } catch (error) {
      return { obstacle: `${oneLine((error as Error).message)}; correct expect` };
    }
  }
  return { tensors };
}
