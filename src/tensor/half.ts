/**
 * The two 16-bit floats. Decoding reads a table of all 65 536 patterns, encoding rounds to nearest, ties to even.
 * Bulk conversions work on bit patterns and not on numbers, so that a NaN keeps its sign and payload.
 *
 * @see IEEE 754-2008 binary16; bfloat16 is the upper half of a binary32
 */

let float16Table: Uint32Array | undefined;

const floatAlias = new Float32Array(1);
const bitsAlias = new Uint32Array(floatAlias.buffer);

/** The values of float16 bits, exactly. A fresh array. */
export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  float16Table ??= Uint32Array.from({ length: 65_536 }, (_, half) => widenFloat16(half));
  const table = float16Table;
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = table[bits[i] as number] as number;
  return new Float32Array(out.buffer);
}

/**
 * Float16 bits nearest to the values, ties to even. Beyond 65 504 (from 65 520 on) they are Infinity, below 2^-25
 * zero. A fresh array.
 */
export function float32ToFloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(values);
  const out = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = narrowToFloat16(bits[i] as number);
  return out;
}

/** The values of bfloat16 bits, exactly. A fresh array. */
export function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const out = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = (bits[i] as number) << 16;
  return new Float32Array(out.buffer);
}

/** Bfloat16 bits nearest to the values, ties to even. A fresh array. */
export function float32ToBfloat16(values: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = bitsOf(values);
  const out = new Uint16Array(bits.length);
  for (let i = 0; i < bits.length; i++) out[i] = narrowToBfloat16(bits[i] as number);
  return out;
}

/** The float16 bits nearest to a number, rounded once and not by way of float32. */
export function toFloat16Bits(value: number): number {
  return narrowToFloat16(toOddFloat32Bits(value));
}

/** The bfloat16 bits nearest to a number, rounded once and not by way of float32. */
export function toBfloat16Bits(value: number): number {
  return narrowToBfloat16(toOddFloat32Bits(value));
}

function bitsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/**
 * Float32 bits that round on to a narrower float as the number itself would. Rounding to nearest twice can go wrong:
 * the first step may land on a tie that the number is not on. Rounding to odd (cut off, then set the last bit if
 * anything was lost) keeps track of which side it was.
 */
function toOddFloat32Bits(value: number): number {
  floatAlias[0] = value;
  const nearest = floatAlias[0] as number;
  const bits = bitsAlias[0] as number;
  if (nearest === value || Number.isNaN(value)) return bits;
  const cut = Math.abs(nearest) > Math.abs(value) ? bits - 1 : bits;
  return (cut | 1) >>> 0;
}

function widenFloat16(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >>> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0x1f) return sign | 0x7f80_0000 | (fraction << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // A subnormal half is a normal float32: its first set bit becomes the hidden one.
  const shift = Math.clz32(fraction) - 21;
  return sign | ((113 - shift) << 23) | (((fraction << shift) & 0x3ff) << 13);
}

function narrowToFloat16(bits: number): number {
  const sign = (bits >>> 16) & 0x8000;
  const magnitude = bits & 0x7fff_ffff;
  if (magnitude > 0x7f80_0000) {
    const payload = (magnitude >>> 13) & 0x3ff;
    return sign | 0x7c00 | (payload === 0 ? 0x200 : payload);
  }
  if (magnitude >= 0x4780_0000) return sign | 0x7c00;
  if (magnitude >= 0x3880_0000) {
    const rebiased = magnitude - (112 << 23);
    return sign | ((rebiased + 0xfff + ((rebiased >>> 13) & 1)) >>> 13);
  }
  if (magnitude < 0x3300_0000) return sign;
  const significand = (magnitude & 0x7f_ffff) | 0x80_0000;
  const shift = 126 - (magnitude >>> 23);
  const kept = significand >>> shift;
  const lost = significand & ((1 << shift) - 1);
  const tie = 1 << (shift - 1);
  return sign | (lost > tie || (lost === tie && (kept & 1) === 1) ? kept + 1 : kept);
}

function narrowToBfloat16(bits: number): number {
  if ((bits & 0x7fff_ffff) > 0x7f80_0000) {
    const upper = bits >>> 16;
    return (upper & 0x7f) === 0 ? upper | 0x40 : upper;
  }
  return (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
