import { describe, expect, it } from "vitest";
import type { TensorSpec } from "../../../src/contract/signature.ts";
import { makeInputs } from "../../../src/health/synthetic-inputs.ts";
import { DTYPES } from "../../../src/tensor/dtype.ts";

const make = (inputs: Record<string, Omit<TensorSpec, "tensorName">>) =>
  makeInputs({
    methodName: "",
    outputs: {},
    inputs: Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, { ...spec, tensorName: "" }])),
  });

describe("makeInputs", () => {
  it.each(DTYPES)("makes zeros of %s, a free dimension being 1", (dtype) => {
    const made = make({ x: { dtype, shape: [-1, 2] } });
    const x = "inputs" in made ? made.inputs["x"] : undefined;
    expect([x?.dtype, x?.shape, x?.size]).toEqual([dtype, [1, 2], 2]);
    for (const value of x?.data ?? [1])
      expect(dtype === "string" ? (value as Uint8Array).length : Number(value)).toBe(0);
  });

  it("takes a free rank for [1], and a scalar for a scalar", () => {
    const made = make({ free: { dtype: "float32", shape: null }, scalar: { dtype: "int64", shape: [] } });
    expect(made).toMatchObject({ inputs: { free: { shape: [1] }, scalar: { shape: [] } } });
  });

  it("refuses a dtype it cannot hold, by name", () => {
    expect(make({ x: { dtype: "DT_VARIANT", shape: [] } })).toEqual({
      obstacle: 'input "x" is DT_VARIANT, which cannot be made up',
    });
  });

  it.each([[[2 ** 31, 2 ** 31]], [[4_194_305]], [[1e9, 1e9, 1e9, 0.5e9]]])(
    "does not allocate %j on the server's word",
    (shape) => {
      const made = make({ x: { dtype: "float32", shape } });
      expect(made).toMatchObject({ obstacle: expect.stringContaining("above 4194304 elements") });
    },
  );

  it("limits all inputs together", () => {
    const spec = { dtype: "uint8", shape: [3_000_000] };
    expect(make({ a: spec })).toHaveProperty("inputs");
    expect(make({ a: spec, b: spec })).toMatchObject({ obstacle: expect.stringContaining('input "b" [3000000]') });
  });

  it("keeps inputs named like members of every object", () => {
    const made = make({ toString: { dtype: "bool", shape: [1] } });
    expect("inputs" in made && Object.keys(made.inputs)).toEqual(["toString"]);
  });
});
