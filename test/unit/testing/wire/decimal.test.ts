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
    [-1 / 3, "-0.333333343"],
    [0.001, "0.001"],
    [0.001_234_567, "0.00123456703"],
    [150, "150.0"],
    [999_998, "999998.0"],
    [999_999.9, "999999.875"],
    [65_536.015_625, "65536.0156"],
    [65_536.046_875, "65536.0469"],
    [123_456_789, "123456792.0"],
    [1e30, "1e+30"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("writes the float32 %d as %s", (value, text) => {
    expect(formatDecimal(Math.fround(value), 9)).toBe(text);
  });

  it("rounds float32 as it rounds the same values as text, ties to the even digit", () => {
    const bits = new Uint32Array(1);
    const values = new Float32Array(bits.buffer);
    for (let step = 0; step < 20_000; step++) {
      // From 2^-10 to 2^20; every other value has a mantissa of few bits, where ties are.
      const mantissa = step % 2 === 0 ? Math.imul(step, 0x9e37_79b1) & 0x7f_ffff : (step & 0x3ff) << 13;
      bits[0] = ((117 + (step % 30)) << 23) | mantissa;
      const value = values[0]!;
      const short = formatSignificant(value, 6);
      const text = Math.fround(Number(short)) === value ? short : formatSignificant(value, 9);
      expect(formatDecimal(value, 9)).toBe(/[.e]/.test(text) ? text : `${text}.0`);
    }
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
