import { describe, expect, it } from "vitest";
import {
  bfloat16ToFloat32,
  float16ToFloat32,
  float32ToBfloat16,
  float32ToFloat16,
  toBfloat16Bits,
  toFloat16Bits,
} from "../../../src/tensor/half.ts";

const ALL = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);

/** The value that IEEE 754 gives these bits, by its definition and not by shifting. */
function binary16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

describe("float16ToFloat32", () => {
  it("decodes all 65536 patterns as IEEE 754 defines them", () => {
    expect(float16ToFloat32(ALL)).toEqual(Float32Array.from(ALL, binary16));
  });

  it("keeps the sign of zero", () => {
    expect(Object.is(float16ToFloat32(Uint16Array.of(0x8000))[0], -0)).toBe(true);
  });
});

describe("float32ToFloat16", () => {
  it("gives back every pattern, NaN payloads included", () => {
    expect(float32ToFloat16(float16ToFloat32(ALL))).toEqual(ALL);
  });

  it("rounds to nearest between all neighbours, ties to even", () => {
    const wrong: number[] = [];
    for (let bits = 0; bits < 0x7bff; bits++) {
      const low = binary16(bits);
      const high = binary16(bits + 1);
      const even = bits & 1 ? bits + 1 : bits;
      const middle = (low + high) / 2;
      const nudge = (high - low) / 1024;
      const found = [...float32ToFloat16(Float32Array.of(middle - nudge, middle, middle + nudge, -middle))];
      if (String(found) !== String([bits, even, bits + 1, even | 0x8000])) wrong.push(bits);
    }
    expect(wrong).toEqual([]);
  });

  it.each([
    [65_504, 0x7bff],
    [65_519.99609375, 0x7bff],
    [65_520, 0x7c00],
    [65_536, 0x7c00],
    [Infinity, 0x7c00],
    [-1e30, 0xfc00],
    [2 ** -24, 0x0001],
    [2 ** -25, 0x0000],
    [2 ** -25 * 1.0000001, 0x0001],
    [2 ** -14, 0x0400],
    [2 ** -14 - 2 ** -24, 0x03ff],
    [-0, 0x8000],
    [1, 0x3c00],
  ])("turns %d into %i", (value, bits) => {
    expect(float32ToFloat16(Float32Array.of(value))[0]).toBe(bits);
    expect(toFloat16Bits(value)).toBe(bits);
  });

  it("keeps a NaN a NaN when its payload is lost", () => {
    const nan = new Float32Array(Uint32Array.of(0x7f80_0001, 0xff80_0001).buffer);
    expect([...float32ToFloat16(nan)]).toEqual([0x7e00, 0xfe00]);
    expect([...float32ToBfloat16(nan)]).toEqual([0x7fc0, 0xffc0]);
  });

  it("reads a view that does not start at its buffer's start", () => {
    expect([...float32ToFloat16(Float32Array.of(9, 1, 2).subarray(1))]).toEqual([0x3c00, 0x4000]);
  });
});

describe("bfloat16ToFloat32", () => {
  it("decodes all patterns as the upper half of a float32", () => {
    const bits = new Uint32Array(bfloat16ToFloat32(ALL).buffer);
    expect(bits).toEqual(Uint32Array.from(ALL, (half) => half * 65_536));
  });
});

describe("float32ToBfloat16", () => {
  it("gives back every pattern, NaN payloads included", () => {
    expect(float32ToBfloat16(bfloat16ToFloat32(ALL))).toEqual(ALL);
  });

  it.each([
    [1, 0x3f80],
    [1 + 2 ** -8, 0x3f80],
    [1 + 3 * 2 ** -8, 0x3f82],
    [1 + 2 ** -8 + 2 ** -20, 0x3f81],
    [3.4028234663852886e38, 0x7f80],
    [3.3895313892515355e38, 0x7f7f],
    [-0, 0x8000],
    [2 ** -133, 0x0001],
  ])("turns %d into %i", (value, bits) => {
    expect(float32ToBfloat16(Float32Array.of(value))[0]).toBe(bits);
    expect(toBfloat16Bits(value)).toBe(bits);
  });
});

describe("toFloat16Bits", () => {
  it("rounds once: a number just off a tie does not round by way of float32", () => {
    const tie = 1 + 2 ** -11;
    expect(toFloat16Bits(tie)).toBe(0x3c00);
    expect(toFloat16Bits(tie + 2 ** -40)).toBe(0x3c01);
    expect(toFloat16Bits(tie + 2 ** -10 - 2 ** -40)).toBe(0x3c01);
    expect(toFloat16Bits(-tie - 2 ** -40)).toBe(0xbc01);
    expect(float32ToFloat16(Float32Array.of(tie + 2 ** -40))[0]).toBe(0x3c00);
  });

  it("takes numbers that float32 cannot tell from zero or Infinity", () => {
    expect([1e-300, -1e-300, 1e300, -1e300].map(toFloat16Bits)).toEqual([0, 0x8000, 0x7c00, 0xfc00]);
    expect([1e-300, -1e-300, 1e300, -1e300].map(toBfloat16Bits)).toEqual([0, 0x8000, 0x7f80, 0xff80]);
  });

  it("keeps NaN", () => {
    expect(toFloat16Bits(Number.NaN) & 0x7fff).toBeGreaterThan(0x7c00);
    expect(toBfloat16Bits(Number.NaN) & 0x7fff).toBeGreaterThan(0x7f80);
  });
});
