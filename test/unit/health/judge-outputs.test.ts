import { describe, expect, it } from "vitest";
import type { Signature } from "../../../src/contract/signature.ts";
import { judgeOutputs } from "../../../src/health/judge-outputs.ts";
import { floats } from "./fake-serving.ts";

function signature(shape: readonly number[] | null): Signature {
  return { methodName: "", inputs: {}, outputs: { y: { dtype: "float32", shape, tensorName: "" } } };
}

describe("judgeOutputs", () => {
  it.each([
    [
      [2, 3],
      [-1, 3],
    ],
    [
      [0, 3],
      [-1, 3],
    ],
    [[2, 3], null],
    [[], []],
  ])("lets %j pass for %j", (shape, wanted) => {
    const size = shape.reduce((a, b) => a * b, 1);
    expect(judgeOutputs({ y: floats(new Array(size).fill(1), shape) }, signature(wanted)).status).toBe("pass");
  });

  it("holds a fixed dimension to its length", () => {
    expect(judgeOutputs({ y: floats([1, 2], [1, 2]) }, signature([-1, 3])).output).toContain(
      "has shape [1, 2], the signature says [-1, 3]",
    );
  });

  it("is not fooled by names every object has", () => {
    const named: Signature = {
      ...signature([-1]),
      outputs: { toString: { dtype: "float32", shape: [-1], tensorName: "" } },
    };
    expect(judgeOutputs({}, named).output).toContain('output "toString" is missing');
  });
});
