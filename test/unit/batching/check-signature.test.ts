import { describe, expect, it } from "vitest";
import { sharingProblem } from "../../../src/batching/check-signature.ts";
import type { Signature } from "../../../src/contract/signature.ts";

function signature(input: readonly number[] | null, output: readonly number[] | null): Signature {
  const spec = (shape: readonly number[] | null) => ({ dtype: "float32", shape, tensorName: "" });
  return { methodName: "", inputs: { x: spec(input) }, outputs: { y: spec(output) } };
}

describe("sharingProblem", () => {
  it("finds none where axis 0 of all inputs and outputs is free", () => {
    expect(sharingProblem(signature([-1], [-1, 3]))).toBeUndefined();
  });

  it.each([
    [signature([], [-1]), 'input "x" is a scalar, which has no rows'],
    [signature([3, -1], [-1]), 'input "x" is [3, -1], which always has 3 rows'],
    [signature([-1], []), 'output "y" is a scalar, which has no rows'],
    [signature([-1], null), 'output "y" may have any shape, so nothing says that its axis 0 is a batch'],
  ])("says which one stands against it", (given, problem) => {
    expect(sharingProblem(given)).toBe(problem);
  });
});
