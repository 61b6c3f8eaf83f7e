import { describe, expect, it } from "vitest";
import { example, toExample } from "../../../src/contract/build-example.ts";
import type { FeatureInput } from "../../../src/contract/example-input.ts";

const feature = (value: FeatureInput) => example({ f: value }).features.get("f");
const utf8 = (...texts: string[]) => texts.map((text) => new TextEncoder().encode(text));

describe("example", () => {
  it.each<[FeatureInput, unknown]>([
    [5, { kind: "float", values: Float32Array.of(5) }],
    [[1, 2.5], { kind: "float", values: Float32Array.of(1, 2.5) }],
    [7n, { kind: "int64", values: BigInt64Array.of(7n) }],
    [[-(2n ** 63n)], { kind: "int64", values: BigInt64Array.of(-(2n ** 63n)) }],
    ["größe", { kind: "bytes", values: utf8("größe") }],
    [["a", Uint8Array.of(98)], { kind: "bytes", values: utf8("a", "b") }],
    [Uint8Array.of(0xff), { kind: "bytes", values: [Uint8Array.of(0xff)] }],
    [[], { kind: "none" }],
    [{ float: 1 }, { kind: "float", values: Float32Array.of(1) }],
    [{ int64: 1 }, { kind: "int64", values: BigInt64Array.of(1n) }],
    [{ int64: [1, 2n, true, false] }, { kind: "int64", values: BigInt64Array.of(1n, 2n, 1n, 0n) }],
    [{ bytes: ["a"] }, { kind: "bytes", values: utf8("a") }],
    [{ float: [] }, { kind: "float", values: new Float32Array(0) }],
    [Float64Array.of(0.1), { kind: "float", values: Float32Array.of(0.1) }],
    [{ float: Float64Array.of(0.1) }, { kind: "float", values: Float32Array.of(0.1) }],
  ])("decides the kind of a feature by its values (%#)", (value, expected) => {
    expect(feature(value)).toEqual(expected);
  });

  it("shares float and int64 arrays, and the bytes it is given", () => {
    const floats = Float32Array.of(1);
    const integers = BigInt64Array.of(1n);
    const bytes = Buffer.from("x");
    expect(feature(floats)).toHaveProperty("values", floats);
    expect((feature({ float: floats }) as { values: unknown }).values).toBe(floats);
    expect((feature(integers) as { values: unknown }).values).toBe(integers);
    expect((feature(bytes) as { values: readonly Uint8Array[] }).values[0]).toBe(bytes);
  });

  it("keeps every name, those of Object.prototype too", () => {
    const input = JSON.parse('{"__proto__": 1, "constructor": 2, "": 3}') as Record<string, number>;
    expect([...example(input).features.keys()]).toEqual(["__proto__", "constructor", ""]);
  });

  it("is empty for an empty object", () => {
    expect(example({}).features.size).toBe(0);
  });
});

describe("toExample", () => {
  it("gives an example back as it is", () => {
    const made = example({ a: 1 });
    expect(toExample(made, "examples[0]")).toBe(made);
  });

  it("takes a feature called features for a feature", () => {
    expect(toExample({ features: [1] }, "examples[0]").features.get("features")).toEqual({
      kind: "float",
      values: Float32Array.of(1),
    });
  });
});
