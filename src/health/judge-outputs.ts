import type { Signature, TensorSpec } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { formatShape, type Shape } from "../tensor/shape.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { fail, pass, type Verdict } from "./verdict.ts";

type Outputs = Readonly<Record<string, Tensor>>;

/** Whether the outputs are those of the signature: the same names, dtypes and shapes, with free dimensions free. */
export function judgeOutputs(outputs: Outputs, signature: Signature): Verdict {
  for (const [name, spec] of Object.entries(signature.outputs)) {
    const found = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
    const fault = found ? misfit(found, spec) : "is missing";
    if (fault !== undefined) return fail(`output ${quote(name)} ${fault}; the model does not keep to its signature`);
  }
  const extra = Object.keys(outputs).find((name) => !Object.hasOwn(signature.outputs, name));
  if (extra !== undefined) return fail(`output ${quote(extra)} is not in the signature; the model does not keep to it`);
  const count = Object.keys(outputs).length;
  return pass(`${count} output${count === 1 ? "" : "s"} as the signature says`);
}

function misfit(found: Tensor, spec: TensorSpec): string | undefined {
  if (found.dtype !== spec.dtype) return `is ${found.dtype}, the signature says ${spec.dtype}`;
  if (spec.shape === null || fits(found.shape, spec.shape)) return undefined;
  return `has shape ${formatShape(found.shape)}, the signature says ${formatShape(spec.shape)}`;
}

function fits(shape: Shape, pattern: readonly number[]): boolean {
  return shape.length === pattern.length && pattern.every((length, axis) => length < 0 || length === shape[axis]);
}
