import { describe, expect, it } from "vitest";
import type { TensorSpec } from "../../../../src/contract/signature.ts";
import { zeroInputs } from "../../../../src/health/inputs/zero-inputs.ts";
import { DTYPES } from "../../../../src/tensor/dtype.ts";
import type { Tensor } from "../../../../src/tensor/tensor.ts";

const make = (inputs: Record<string, Omit<TensorSpec, "tensorName">>) =>
  zeroInputs.inputsFor({
    signature: {
      methodName: "",
      outputs: {},
      inputs: Object.fromEntries(Object.entries(inputs).map(([name, spec]) => [name, { ...spec, tensorName: "" }])),
    },
    signatureName: "serving_default",
    index: 0,
    signal: new AbortController().signal,
  }) as Promise<Record<string, Tensor>>;

describe("zeroInputs", () => {
  it.each(DTYPES)("makes zeros of %s, a free dimension being 1", async (dtype) => {
    const { x } = await make({ x: { dtype, shape: [-1, 2] } });
    expect([x?.dtype, x?.shape, x?.size]).toEqual([dtype, [1, 2], 2]);
    for (const value of x?.data ?? [1])
      expect(dtype === "string" ? (value as Uint8Array).length : Number(value)).toBe(0);
  });

  it("takes a free rank for [1], and a scalar for a scalar", async () => {
    const made = await make({ free: { dtype: "float32", shape: null }, scalar: { dtype: "int64", shape: [] } });
    expect(made).toMatchObject({ free: { shape: [1] }, scalar: { shape: [] } });
  });

  it("refuses a dtype it cannot hold, by name", async () => {
    await expect(make({ x: { dtype: "DT_VARIANT", shape: [] } })).rejects.toThrow(
      'input "x" is DT_VARIANT, which cannot be made up',
    );
  });

  it.each([[[2 ** 31, 2 ** 31]], [[4_194_305]], [[1e9, 1e9, 1e9, 0.5e9]]])(
    "does not allocate %j on the server's word",
    async (shape) => {
      await expect(make({ x: { dtype: "float32", shape } })).rejects.toThrow("above 4194304 elements");
    },
  );

  it("limits all inputs together", async () => {
    const spec = { dtype: "uint8", shape: [3_000_000] };
    expect(await make({ a: spec })).toHaveProperty("a");
    await expect(make({ a: spec, b: spec })).rejects.toThrow('input "b" [3000000]');
  });

  it("keeps inputs named like members of every object", async () => {
    expect(Object.keys(await make({ toString: { dtype: "bool", shape: [1] } }))).toEqual(["toString"]);
  });
});
