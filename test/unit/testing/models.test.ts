import { describe, expect, it } from "vitest";
import { Example as ExampleMessage } from "#generated/tensorflow/core/example/example.ts";
import { DTYPES, FIXED_WIDTH, type FixedWidthDType } from "../../../src/tensor/dtype.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import type { RunInfo } from "../../../src/testing/model-definition.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { halfPlusThree } from "../../../src/testing/models/half-plus-three.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";

const info: RunInfo = { model: "m", version: 1, signatureName: "serving_default", wire: "fake", headers: {} };
const example = (...values: number[]) => ({
  features: new Map([["x", { kind: "float" as const, values: Float32Array.from(values) }]]),
});

describe("halfPlusTwo", () => {
  const version = halfPlusTwo.versions[1];

  it("halves and adds two, in float32, in the shape it is given", async () => {
    const x = new Tensor("float32", [2, 1], Float32Array.of(1, 0.1));
    const { y } = (await version?.predict?.({ x }, info)) ?? {};
    expect((y as Tensor).shape).toEqual([2, 1]);
    expect([...((y as Tensor).data as Float32Array)]).toEqual([2.5, Math.fround(2.05)]);
  });

  it("regresses and classifies the feature x of each example", () => {
    expect(version?.regress?.([example(2), example(8)], info)).toEqual([3, 6]);
    expect(version?.classify?.([example(2)], info)).toEqual([[{ label: "", score: 3 }]]);
  });

  it.each([
    ["is missing", { features: new Map() }, "could not be found"],
    [
      "is of another kind",
      { features: new Map([["x", { kind: "int64" as const, values: 1n }]]) },
      "Data types don't match",
    ],
    ["has two values", example(1, 2), "values size: 2"],
  ])("refuses an example whose feature %s", (_, bad, message) => {
    expect(() => version?.regress?.([bad as never], info)).toThrow(message);
  });

  it("answers predict by the signatures of examples too, which come serialized", async () => {
    const feature = new Map([["x", { kind: { $case: "floatList" as const, value: { value: [2] } } }]]);
    const inputs = new Tensor("string", [1], [ExampleMessage.encode({ features: { feature } }).finish()]);
    const predict = (signatureName: string, given = inputs) =>
      version?.predict?.({ inputs: given }, { ...info, signatureName });
    expect(await predict("regress_x_to_y")).toEqual({ outputs: [[3]] });
    expect(await predict("classify_x_to_y")).toEqual({ scores: [[3]] });
    const broken = new Tensor("string", [1], [Uint8Array.of(0xff)]);
    expect(() => predict("regress_x_to_y", broken)).toThrow("Could not parse example input");
  });
});

describe("halfPlusThree", () => {
  it("adds three", () => {
    expect(halfPlusThree.versions[1]?.regress?.([example(2)], info)).toEqual([4]);
  });
});

describe("echo", () => {
  it.each(DTYPES)("has a signature for %s and gives the tensor back", async (dtype) => {
    const version = echo.versions[1];
    expect(version?.signatures[dtype]?.inputs["x"]?.dtype).toBe(dtype);
    const data = dtype === "string" ? [] : new FIXED_WIDTH[dtype as FixedWidthDType].array(0);
    const x = new Tensor(dtype, [0], data as never);
    expect(await version?.predict?.({ x }, info)).toEqual({ x });
  });
});
