import { describe, expect, it } from "vitest";
import { randomInputs } from "../../../../src/health/inputs/random-inputs.ts";
import { DTYPES } from "../../../../src/tensor/dtype.ts";
import { bfloat16ToFloat32, float16ToFloat32 } from "../../../../src/tensor/half.ts";
import type { Tensor } from "../../../../src/tensor/tensor.ts";

type Specs = Readonly<Record<string, readonly [dtype: string, shape: readonly number[] | null]>>;

function draw(specs: Specs, { seed, index = 0 }: { seed?: number; index?: number } = {}) {
  const inputs = Object.fromEntries(
    Object.entries(specs).map(([name, [dtype, shape]]) => [name, { dtype, shape, tensorName: "" }]),
  );
  return randomInputs({ seed }).inputsFor({
    signature: { methodName: "", inputs, outputs: {} },
    signatureName: "serving_default",
    index,
    signal: new AbortController().signal,
  }) as Promise<Record<string, Tensor>>;
}

describe("randomInputs", () => {
  it("gives the same values for the same seed in every release", async () => {
    const { f, i, u, s, h } = await draw(
      { f: ["float32", [2]], i: ["int64", [4]], u: ["uint8", [3]], s: ["string", [2]], h: ["float16", [2]] },
      { seed: 7 },
    );
    expect(f?.data).toEqual(Float32Array.of(0.5646189451217651, 0.9402784109115601));
    expect(i?.data).toEqual(BigInt64Array.of(7n, 7n, 4n, 7n));
    expect(u?.data).toEqual(Uint8Array.of(134, 94, 93));
    expect(s?.toStrings()).toEqual(["i", "dqqv"]);
    expect(h?.data).toEqual(Uint16Array.of(14424, 15232));
  });

  it("gives other values for another seed, another prediction and another name", async () => {
    const spec = ["float32", [4]] as const;
    const first = (await draw({ x: spec }))["x"]?.data;
    expect((await draw({ x: spec }))["x"]?.data).toEqual(first);
    expect((await draw({ x: spec }, { seed: 2 }))["x"]?.data).not.toEqual(first);
    expect((await draw({ x: spec }, { index: 1 }))["x"]?.data).not.toEqual(first);
    expect((await draw({ y: spec }))["y"]?.data).not.toEqual(first);
  });

  it("does not depend on the order in which a server names its inputs", async () => {
    const spec = ["int32", [8]] as const;
    expect((await draw({ a: spec, b: spec }))["b"]).toEqual((await draw({ b: spec, a: spec }))["b"]);
  });

  it.each(DTYPES)("fits the dtype %s, a free dimension being 1", async (dtype) => {
    const { x, free } = await draw({ x: [dtype, [-1, 500]], free: [dtype, null] });
    expect([x?.dtype, x?.shape, free?.shape]).toEqual([dtype, [1, 500], [1]]);
    if (dtype === "string") {
      for (const text of x?.toStrings() ?? []) expect(text).toMatch(/^[a-z]{1,8}$/);
      return;
    }
    const values =
      dtype === "float16"
        ? float16ToFloat32(x?.data as Uint16Array)
        : dtype === "bfloat16"
          ? bfloat16ToFloat32(x?.data as Uint16Array)
          : (x?.data as Float32Array);
    const numbers = Array.from(values, Number);
    const [least, most] = RANGES[dtype] ?? [0, 9];
    const isFraction = most === 1 && dtype !== "bool";
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(least);
    expect(Math.max(...numbers)).toBeLessThanOrEqual(isFraction ? 1 - 2 ** -24 : most);
    // Spread over all of it, not stuck in a corner.
    expect(Math.max(...numbers) - Math.min(...numbers)).toBeGreaterThan(0.8 * (most - least));
    if (!isFraction) expect(numbers.every(Number.isInteger)).toBe(true);
  });

  it("says what it is, and that the values are made up", () => {
    expect(randomInputs({ seed: 7 })).toMatchObject({ name: "random inputs, seed 7", synthetic: true });
    expect(randomInputs().name).toBe("random inputs, seed 1");
  });

  it("makes nothing up for a dtype it cannot hold, nor more than anybody should", async () => {
    await expect(draw({ x: ["DT_RESOURCE", []] })).rejects.toThrow('input "x" is DT_RESOURCE, which cannot be made up');
    await expect(draw({ x: ["string", [2 ** 31, 2 ** 31]] })).rejects.toThrow("above 4194304 elements");
  });

  it.each([[{ seed: -1 }], [{ seed: 1.5 }], [{ seed: 2 ** 32 }], [{ seed: "7" }], [{ sead: 7 }]])(
    "refuses %j",
    (options) => {
      expect(() => randomInputs(options as never)).toThrow(/^randomInputs: /);
    },
  );
});

const FRACTION = [0, 1] as const;
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  float16: FRACTION,
  bfloat16: FRACTION,
  float32: FRACTION,
  float64: FRACTION,
  complex64: FRACTION,
  complex128: FRACTION,
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
};
