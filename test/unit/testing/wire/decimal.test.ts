import { describe, expect, it } from "vitest";
import { formatDecimal, formatSignificant } from "../../../../src/testing/wire/decimal.ts";

describe("formatDecimal", () => {
  it.each([
    [1, "1.0"],
    [1e6, "1e+06"],
    [9_999_995, "9999995.0"],
    [1e-5, "1e-05"],
    [0.1, "0.1"],
    [-0, "-0.0"],
    [1 / 3, "0.333333343"],
    [123_456_789, "123456792.0"],
    [1e30, "1e+30"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("writes the float32 %d as %s", (value, text) => {
    expect(formatDecimal(Math.fround(value), 9)).toBe(text);
  });

  it.each([
    [1 / 3, "0.33333333333333331"],
    [0.25, "0.25"],
    [2 ** 53, "9007199254740992.0"],
    [5e-324, "4.94066e-324"],
    [Number.MAX_VALUE, "1.7976931348623157e+308"],
  ])("writes the float64 %d as %s", (value, text) => {
    expect(formatDecimal(value, 17)).toBe(text);
  });
});

describe("formatSignificant", () => {
  it("rounds a tie to the even digit, as C does and toPrecision does not", () => {
    expect((1_048_576.125).toPrecision(9)).toBe("1048576.13");
    expect(formatSignificant(1_048_576.125, 9)).toBe("1048576.12");
    expect(formatSignificant(1_048_576.375, 9)).toBe("1048576.38");
    expect(formatSignificant(2.5, 1)).toBe("2");
  });

  it("changes to an exponent below 1e-4 and from the precision on", () => {
    expect(formatSignificant(0.0001, 6)).toBe("0.0001");
    expect(formatSignificant(0.00001, 6)).toBe("1e-05");
    expect(formatSignificant(999_999, 6)).toBe("999999");
    expect(formatSignificant(999_999.5, 6)).toBe("1e+06");
  });
});
