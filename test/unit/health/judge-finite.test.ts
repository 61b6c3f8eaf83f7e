import { describe, expect, it } from "vitest";
import { judgeFinite } from "../../../src/health/judge-finite.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { floats } from "./fake-serving.ts";

const half = (dtype: "float16" | "bfloat16", bits: number[]) =>
  new Tensor(dtype, [bits.length], new Uint16Array(bits)) as Tensor;

describe("judgeFinite", () => {
  it("says where the first one is and how many there are", () => {
    const verdict = judgeFinite({ y: floats([1, 2, Number.NaN, Number.POSITIVE_INFINITY], [2, 2]) }, {});
    expect(verdict).toMatchObject({ status: "fail", observedValue: 2, observedUnit: "values" });
    expect(verdict.output).toContain('output "y" has NaN at [1, 0], 2 of 4 values are not finite');
  });

  it("reads halves by their value, not by their bits", () => {
    expect(judgeFinite({ y: half("float16", [0x7bff, 0xfbff]) }, {}).status).toBe("pass");
    expect(judgeFinite({ y: half("float16", [0x7c00]) }, {}).output).toContain("Infinity at [0]");
    expect(judgeFinite({ y: half("bfloat16", [0x7f7f]) }, {}).status).toBe("pass");
    expect(judgeFinite({ y: half("bfloat16", [0x7fc0]) }, {}).output).toContain("NaN at [0]");
  });

  it("places a complex number by its element", () => {
    const y = new Tensor("complex64", [2], new Float32Array([1, 2, 3, Number.NaN])) as Tensor;
    expect(judgeFinite({ y }, {}).output).toContain("NaN at [1]");
  });

  it("has nothing to say on text and integers", () => {
    const text = new Tensor("string", [1], [new Uint8Array([0xff])]) as Tensor;
    const ids = new Tensor("int64", [1], new BigInt64Array(1)) as Tensor;
    expect(judgeFinite({ text, ids }, {}).status).toBe("pass");
  });

  it("leaves places where such a value is expected to the comparison", () => {
    const found = floats([Number.NEGATIVE_INFINITY, 1]);
    expect(judgeFinite({ y: found }, { y: floats([Number.NEGATIVE_INFINITY, 1]) }).status).toBe("pass");
    expect(judgeFinite({ y: found }, { y: floats([0, Number.NaN]) }).status).toBe("fail");
  });
});
