import { describe, expect, it } from "vitest";
import { judgeByPredicate, judgeExpected } from "../../../src/health/judge-expected.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { floats } from "./fake-serving.ts";

const DEFAULTS = { rtol: undefined, atol: undefined };
const doubles = (values: number[]) => new Tensor("float64", [values.length], new Float64Array(values)) as Tensor;
const ids = (values: bigint[]) => new Tensor("int64", [values.length], new BigInt64Array(values)) as Tensor;
const texts = (values: string[]) =>
  new Tensor(
    "string",
    [values.length],
    values.map((text) => new TextEncoder().encode(text)),
  ) as Tensor;

function status(found: Tensor, wanted: Tensor, tolerance: { rtol?: number; atol?: number } = {}) {
  return judgeExpected({ y: found }, { y: wanted }, { ...DEFAULTS, ...tolerance }).status;
}

describe("judgeExpected", () => {
  it("allows |found - expected| up to atol + rtol * |expected|, and no more", () => {
    const tolerance = { rtol: 0.01, atol: 0.5 };
    expect(status(doubles([101.5]), doubles([100]), tolerance)).toBe("pass");
    expect(status(doubles([101.51]), doubles([100]), tolerance)).toBe("fail");
    // The share is of the expected value: turned round, the same pair is outside.
    expect(status(doubles([100]), doubles([101.51]), tolerance)).toBe("pass");
    expect(status(doubles([-98.5]), doubles([-100]), tolerance)).toBe("pass");
  });

  it("is at 1e-5 and 1e-8 where nothing is said", () => {
    expect(status(doubles([1.00001]), doubles([1]))).toBe("pass");
    expect(status(doubles([1.0001]), doubles([1]))).toBe("fail");
    expect(status(doubles([1e-8]), doubles([0]))).toBe("pass");
    expect(status(doubles([2e-8]), doubles([0]))).toBe("fail");
  });

  it("compares integers exactly unless a tolerance is given", () => {
    expect(status(ids([9007199254740993n]), ids([9007199254740993n]))).toBe("pass");
    expect(status(ids([9007199254740993n]), ids([9007199254740992n]))).toBe("fail");
    expect(status(ids([101n]), ids([100n]), { atol: 1 })).toBe("pass");
  });

  it("meets NaN and infinities with the same value only", () => {
    expect(status(doubles([Number.NaN]), doubles([Number.NaN]))).toBe("pass");
    expect(status(doubles([Number.NaN]), doubles([1]), { atol: 1e300 })).toBe("fail");
    expect(status(doubles([1]), doubles([Number.NaN]), { atol: 1e300 })).toBe("fail");
    expect(status(doubles([Number.POSITIVE_INFINITY]), doubles([Number.POSITIVE_INFINITY]))).toBe("pass");
    expect(status(doubles([1]), doubles([Number.POSITIVE_INFINITY]))).toBe("fail");
    expect(status(doubles([Number.NEGATIVE_INFINITY]), doubles([Number.POSITIVE_INFINITY]))).toBe("fail");
  });

  it("takes 0 and -0 for the same", () => {
    expect(status(doubles([-0]), doubles([0]), { rtol: 0, atol: 0 })).toBe("pass");
  });

  it("says where a number differs, and by how much the worst accepted one did", () => {
    const verdict = judgeExpected({ y: floats([1, 2, 3, 5], [2, 2]) }, { y: floats([1, 2, 3, 4], [2, 2]) }, DEFAULTS);
    expect(verdict).toMatchObject({ status: "fail", observedValue: 1, observedUnit: "difference" });
    expect(verdict.output).toContain('output "y" is 5 at [1, 1], expected 4');
    expect(judgeExpected({ y: doubles([1.5]) }, { y: doubles([1]) }, { ...DEFAULTS, atol: 1 }).observedValue).toBe(0.5);
  });

  it("compares text byte by byte and does not show it", () => {
    expect(status(texts(["a", "b"]), texts(["a", "b"]))).toBe("pass");
    const verdict = judgeExpected({ y: texts(["a", "secret"]) }, { y: texts(["a", "b"]) }, DEFAULTS);
    expect(verdict.output).toBe('output "y" is another text than expected at [1]');
  });

  it("fails on another shape, and on an output that did not come", () => {
    expect(judgeExpected({ y: floats([1, 2]) }, { y: floats([1]) }, DEFAULTS).output).toBe(
      'output "y" has shape [2], expected [1]',
    );
    expect(judgeExpected({}, { z: floats([1]) }, DEFAULTS).output).toContain(
      'output "z" is expected but was not answered',
    );
  });

  it("leaves outputs alone that nothing is expected of", () => {
    expect(judgeExpected({ y: floats([1]), z: floats([9]) }, { y: floats([1]) }, DEFAULTS).status).toBe("pass");
  });
});

describe("judgeByPredicate", () => {
  const judge = (predicate: unknown) => judgeByPredicate({ y: floats([1]) }, predicate as () => boolean);

  it("hands the outputs over and passes on true alone", () => {
    expect(judgeByPredicate({ y: floats([7]) }, ({ y }) => y?.data[0] === 7).status).toBe("pass");
    expect(judge(() => false).status).toBe("fail");
  });

  it("shows a reason", () => {
    expect(judge(() => "scores do not add\nup")).toMatchObject({
      status: "fail",
      output: "expect says: scores do not add up",
    });
  });

  it("fails when it throws", () => {
    const verdict = judge(() => {
      throw new RangeError("no row 3");
    });
    expect(verdict).toMatchObject({ status: "fail", output: "expect threw RangeError: no row 3" });
  });

  it.each([
    [undefined, "undefined"],
    [1, "number"],
    [Promise.resolve(true), "a promise"],
  ])("takes %s for no answer at all", (answer, shown) => {
    expect(judge(() => answer)).toMatchObject({
      status: "inconclusive",
      output: expect.stringContaining(`answered ${shown};`),
    });
  });
});
