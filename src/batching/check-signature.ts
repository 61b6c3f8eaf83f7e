import type { Signature, TensorSpec } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { formatShape } from "../tensor/shape.ts";

/**
 * Why calls of this signature cannot share requests; undefined where they can: axis 0 of every input and output is free.
 */
export function sharingProblem({ inputs, outputs }: Signature): string | undefined {
  return problemOf("input", inputs) ?? problemOf("output", outputs);
}

function problemOf(side: "input" | "output", specs: Readonly<Record<string, TensorSpec>>): string | undefined {
  for (const [name, { shape }] of Object.entries(specs)) {
    if (shape?.[0] === -1) continue;
    const subject = `${side} ${quote(name)}`;
    if (shape === null) return `${subject} may have any shape, so nothing says that its axis 0 is a batch`;
    if (shape.length === 0) return `${subject} is a scalar, which has no rows`;
    return `${subject} is ${formatShape(shape)}, which always has ${shape[0]} rows`;
  }
  return undefined;
}
