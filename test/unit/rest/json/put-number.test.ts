import { describe, expect, it } from "vitest";
import { putFloat32, putFloat64, putInt32, putInt64 } from "../../../../src/rest/json/put-number.ts";

const bytes = new Uint8Array(64);
const words = new DataView(bytes.buffer);

function float32(value: number, point = false): string {
  return text(putFloat32(bytes, 0, Math.fround(value), point, words));
}

function float64(value: number): string {
  return text(putFloat64(bytes, 0, value));
}

function text(end: number): string {
  return Buffer.from(bytes.subarray(0, end)).toString("latin1");
}

/** The fewest significant digits that read back to a float32: the definition, tried out. */
function fewestDigits(value: number): number {
  for (let places = 1; ; places++) if (Math.fround(Number(value.toPrecision(places))) === value) return places;
}

function digitsIn(written: string): number {
  return written.replace(/e.*$/, "").replace(/[-.]/g, "").replace(/^0+/, "").replace(/0+$/, "").length;
}

describe("putFloat32", () => {
  it.each([
    [0.1, "0.1"],
    [0.3, "0.3"],
    [-0.25, "-0.25"],
    [1 / 3, "0.33333334"],
    [1.5, "1.5"],
    [123456.78, "123456.78"],
    [0.001, "0.001"],
    [0.0123456789, "0.012345679"],
    [255, "255"],
    [-7, "-7"],
    [16777216, "16777216"],
    [1e-5, "1e-5"],
    [1.17549435e-38, "1.1754944e-38"],
    [1e-45, "1.4013e-45"],
    [3.4028234663852886e38, "3.4028235e+38"],
    [1e10, "1e10"],
    [0, "0"],
    [-0, "-0.0"],
  ])("writes %d in the fewest digits", (value, expected) => {
    expect(float32(value)).toBe(expected);
  });

  it("writes what is not finite as the bare tokens that the server reads", () => {
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((value) => float32(value))).toEqual([
      "NaN",
      "Infinity",
      "-Infinity",
    ]);
  });

  it("gives whole numbers a point where the token decides the kind", () => {
    for (const value of [8, -3, 0, 123456, 3e9, 1e20, 1e30]) {
      expect(float32(value, true)).toMatch(/[.e]/);
      expect(Math.fround(Number(float32(value, true)))).toBe(Math.fround(value));
    }
    expect(float32(8, true)).toBe("8.0");
    expect(float32(-0, true)).toBe("-0.0");
  });

  it("reads back exactly and in no more digits than needed, for bit patterns of every magnitude", () => {
    const bits = new Uint32Array(1);
    const alias = new Float32Array(bits.buffer);
    let state = 42;
    for (let round = 0; round < 100_000; round++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      bits[0] = state;
      const value = alias[0]!;
      if (!Number.isFinite(value)) continue;
      const written = float32(value);
      if (!Object.is(Math.fround(Number(written)), value)) expect(`${value}: ${written}`).toBe("reads back");
      if (round % 10 === 0 && !Number.isInteger(value) && digitsIn(written) > fewestDigits(Math.abs(value))) {
        expect(`${value}: ${written}`).toBe("shortest");
      }
    }
  });

  it("reads back exactly around each power of ten and of two", () => {
    const alias = new Float32Array(1);
    const bits = new Uint32Array(alias.buffer);
    for (let power = -44; power <= 38; power++) {
      for (const base of [10 ** power, 2 ** (power * 3)]) {
        alias[0] = base;
        const middle = bits[0]!;
        for (let step = -3; step <= 3; step++) {
          bits[0] = Math.max(middle + step, 0);
          const value = alias[0]!;
          if (Number.isFinite(value)) expect(Math.fround(Number(float32(value)))).toBe(value);
        }
      }
    }
  });
});

describe("putFloat64", () => {
  it.each([
    [0.1, "0.1"],
    [-2.5, "-2.5"],
    [1e21, "1e+21"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [0.1 + 0.2, "0.30000000000000004"],
    [4294967296, "4294967296"],
    [2 ** 53, "9007199254740992"],
    [-0, "-0.0"],
    [0, "0"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "-Infinity"],
  ])("writes %d as it reads back", (value, expected) => {
    expect(float64(value)).toBe(expected);
  });
});

describe("putInt64", () => {
  const edges = [
    0n,
    1n,
    -1n,
    10_000n,
    2n ** 31n,
    2n ** 32n,
    -(2n ** 32n),
    2n ** 53n,
    2n ** 53n + 1n,
    -(2n ** 53n) - 1n,
  ];
  it.each([...edges, 2n ** 63n - 1n, -(2n ** 63n), -(2n ** 63n) + 1n, 1234567890123456789n])("writes %d", (value) => {
    const high = Number(BigInt.asIntN(32, value >> 32n));
    const low = Number(BigInt.asIntN(32, value));
    expect(text(putInt64(bytes, 0, high, low, true))).toBe(String(value));
  });

  it("writes unsigned numbers above 2^63", () => {
    expect(text(putInt64(bytes, 0, -1, -1, false))).toBe("18446744073709551615");
    expect(text(putInt64(bytes, 0, -0x8000_0000, 0, false))).toBe("9223372036854775808");
  });
});

describe("putInt32", () => {
  it.each([
    0, 9, 10, 99, 100, 999, 1000, 9999, 10_000, 99_999_999, 100_000_000, 2147483647, 4294967295, -1, -2147483648,
  ])("writes %d", (value) => {
    expect(text(putInt32(bytes, 0, value))).toBe(String(value));
  });
});
