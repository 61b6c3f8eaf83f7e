import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type DataOf, DTYPES, type DType, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { conformanceModel, echoSignature } from "../conformance/models.ts";
import { bitsOf } from "../conformance/samples.ts";
import { type OpenWire, wires } from "../conformance/wires.ts";
import fc from "./fast-check.ts";

const overRest = wires.find(({ name }) => name === "rest")!;
const dtypes = DTYPES.filter((dtype) => !overRest.gaps.dtypes.includes(dtype));

/** Any bits for numbers, but one NaN: JSON has a single one. Floats of 64 bits are short in decimals, see below. */
function dataOf(dtype: DType, size: number): fc.Arbitrary<DataOf<DType>> {
  if (dtype === "string") {
    const bytes = fc.string({ unit: "binary" }).map((text) => new TextEncoder().encode(text));
    return fc.array(bytes, { minLength: size, maxLength: size });
  }
  const { array, bytesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  if (dtype === "bool") return fc.uint8Array({ minLength: size, maxLength: size, max: 1 });
  // The server's JSON reader may be a unit in the last place off for long doubles; what it reads exactly is compared.
  if (dtype === "float64") {
    const eighths = fc.integer({ min: -(2 ** 40), max: 2 ** 40 }).map((count) => count / 8);
    const value = fc.oneof(eighths, fc.constantFrom(Number.NaN, Infinity, -Infinity, -0, 1e22));
    return fc.array(value, { minLength: size, maxLength: size }).map((values) => Float64Array.from(values));
  }
  return fc
    .uint8Array({ minLength: size * bytesPerElement, maxLength: size * bytesPerElement })
    .map((bytes) => oneNaN(new array(bytes.slice().buffer) as DataOf<FixedWidthDType>));
}

function oneNaN<A extends DataOf<DType>>(data: A): A {
  if (data instanceof Float32Array || data instanceof Float64Array) {
    data.forEach((value, index) => {
      if (Number.isNaN(value)) data[index] = Number.NaN;
    });
  }
  return data;
}

const anyTensor = fc.constantFrom(...dtypes).chain((dtype) =>
  fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }).chain((shape) =>
    dataOf(
      dtype,
      shape.reduce((a, b) => a * b, 1),
    ).map((data) => new Tensor(dtype, shape, data as never)),
  ),
);

describe("one tensor over every wire", () => {
  const open: OpenWire[] = [];
  beforeAll(async () => {
    for (const wire of wires) open.push(await wire.open({ m: conformanceModel() }));
  });
  afterAll(() => Promise.all(open.map((each) => each.close())));

  it("comes back the same, bit by bit, on each of them", async () => {
    await fc.assert(
      fc.asyncProperty(anyTensor, async (x: Tensor) => {
        for (const [index, { client }] of open.entries()) {
          // The row form cannot say a scalar.
          if (wires[index]!.name === "rest, row form" && x.shape.length === 0) continue;
          const model = client.model("m", { signatureName: echoSignature(x.dtype) });
          const { outputs } = await model.predict({ x });
          expect(bitsOf(outputs["y"]!), wires[index]!.name).toEqual(bitsOf(x));
        }
      }),
      { numRuns: 150 },
    );
  }, 300_000);
});
