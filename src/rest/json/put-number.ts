import { putAscii, putEight, putInt31, putPadded, putSafeInteger } from "./digits.ts";

/** 10^0 to 10^22: the powers of ten that a double holds exactly. */
export const POWERS_OF_TEN: Float64Array = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));

/** The most bytes that one number takes, whatever its dtype. */
export const MAX_NUMBER_BYTES = 26;

const floatAlias = new Float32Array(1);
const bitsAlias = new Uint32Array(floatAlias.buffer);

const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const LETTER_E = 101;

/**
 * Writes the shortest decimal text that a server reading a float32 gets this very value from.
 *
 * With `point`, whole numbers get a `.0` (a feature of an example takes its kind from the token). -0 keeps its sign
 * only with a point, and is `-0.0` always. Not finite: the bare tokens `NaN`, `Infinity`, `-Infinity`.
 *
 * @param words a view of the same bytes; one byte behind the text may be written to
 */
export function putFloat32(bytes: Uint8Array, at: number, value: number, point: boolean, words: DataView): number {
  const whole = value | 0;
  if (whole === value && (whole !== 0 || Object.is(value, 0))) return putWhole(bytes, at, whole, point);
  let magnitude = value;
  if (value < 0) {
    bytes[at++] = MINUS;
    magnitude = -value;
  }
  if (magnitude >= 1e-3 && magnitude < 1e7) return putCommonFloat32(bytes, at, magnitude, words);
  return putRareFloat32(bytes, at, magnitude);
}

/** Writes the shortest decimal text of a float64: what JavaScript prints, `-0.0` and the bare tokens excepted. */
export function putFloat64(bytes: Uint8Array, at: number, value: number): number {
  const whole = value | 0;
  if (whole === value && (whole !== 0 || Object.is(value, 0))) return putWhole(bytes, at, whole, false);
  return value === 0 ? putAscii(bytes, at, "-0.0") : putAscii(bytes, at, String(value));
}

/** Writes a 64-bit integer given as two's complement words, without making a bigint where 2^53 is enough. */
export function putInt64(bytes: Uint8Array, at: number, high: number, low: number, signed: boolean): number {
  if (signed && high < 0) {
    bytes[at++] = MINUS;
    // Negation of the pair: invert and add one.
    low = -low | 0;
    high = low === 0 ? -high | 0 : ~high;
  }
  const top = high >>> 0;
  const bottom = low >>> 0;
  if (top < 0x20_0000) return putSafeInteger(bytes, at, top * 0x1_0000_0000 + bottom);
  return putAscii(bytes, at, String((BigInt(top) << 32n) | BigInt(bottom)));
}

/** Writes a whole number of up to 32 bits. */
export function putInt32(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0) {
    bytes[at++] = MINUS;
    value = -value;
  }
  return putSafeInteger(bytes, at, value);
}

function putWhole(bytes: Uint8Array, at: number, whole: number, point: boolean): number {
  at = putInt32(bytes, at, whole);
  if (point) {
    bytes[at++] = POINT;
    bytes[at++] = ZERO;
  }
  return at;
}

/** Half the distance from a float32 to the next one, by the upper nine bits: sign and exponent. */
const HALF_GAPS: Float64Array = Float64Array.from({ length: 256 }, (_, exponent) => 2 ** (exponent - 127 - 24));

/** Nearer than this to the border between two float32, as a share of the way there, the text itself is asked. */
const IN_DOUBT = 2 ** -20;

/**
 * A product of a 24-bit number and 10^k is exact in a double up to k = 12, and so is what rounding it to a whole number
 * changes: a decimal reads back as this float32 when that is less than half the gap to the next one. Between 1e-3 and
 * 1e7 seven-digit decimals are never closer than floats, so trailing zeros show when fewer digits do.
 */
function putCommonFloat32(bytes: Uint8Array, at: number, magnitude: number, words: DataView): number {
  floatAlias[0] = magnitude;
  const bits = bitsAlias[0]!;
  const decimals = 7 - decade(magnitude);
  const scale = POWERS_OF_TEN[decimals]!;
  const scaled = magnitude * scale;
  const most = HALF_GAPS[bits >>> 23]! * scale;
  const whole = magnitude | 0;
  const seven = (scaled * 0.1 + 0.5) | 0;
  const offBySeven = Math.abs(seven * 10 - scaled);
  const eight = (scaled + 0.5) | 0;
  const offByEight = Math.abs(eight - scaled);
  // At a power of two the gap below is half as large.
  if ((bits & 0x7f_ffff) === 0) return putByTrial(bytes, at, magnitude, decimals - 1, words);
  if (offBySeven < most * (1 - IN_DOUBT)) return putTrimmed(bytes, at, seven, decimals - 1, whole, words);
  if (offBySeven < most * (1 + IN_DOUBT)) return putByTrial(bytes, at, magnitude, decimals - 1, words);
  if (offByEight < most * (1 - IN_DOUBT)) return putDecimal(bytes, at, eight, decimals, whole, words);
  if (offByEight < most * (1 + IN_DOUBT)) return putByTrial(bytes, at, magnitude, decimals - 1, words);
  return putDecimal(bytes, at, (magnitude * POWERS_OF_TEN[decimals + 1]! + 0.5) | 0, decimals + 1, whole, words);
}

/** Tries seven, eight and nine digits, and reads each back. */
function putByTrial(bytes: Uint8Array, at: number, magnitude: number, decimals: number, words: DataView): number {
  let digits = 0;
  for (let more = 0; more < 3; more++) {
    const scale = POWERS_OF_TEN[decimals + more]!;
    digits = (magnitude * scale + 0.5) | 0;
    if (Math.fround(digits / scale) === magnitude || more === 2) {
      return putTrimmed(bytes, at, digits, decimals + more, magnitude | 0, words);
    }
  }
  return at;
}

/** The power of ten of the first digit, for 1e-3 <= magnitude < 1e7. */
function decade(magnitude: number): number {
  if (magnitude < 1) return magnitude < 0.01 ? -3 : magnitude < 0.1 ? -2 : -1;
  if (magnitude < 1000) return magnitude < 10 ? 0 : magnitude < 100 ? 1 : 2;
  if (magnitude < 100_000) return magnitude < 10_000 ? 3 : 4;
  return magnitude < 1_000_000 ? 5 : 6;
}

/** Writes `digits / 10^decimals` without trailing zeros. */
function putTrimmed(
  bytes: Uint8Array,
  at: number,
  digits: number,
  decimals: number,
  whole: number,
  words: DataView,
): number {
  if (digits % 10_000 === 0) {
    digits /= 10_000;
    decimals -= 4;
  }
  if (digits % 100 === 0) {
    digits /= 100;
    decimals -= 2;
  }
  if (digits % 10 === 0) {
    digits /= 10;
    decimals--;
  }
  return putDecimal(bytes, at, digits, decimals, whole, words);
}

/** Writes `digits / 10^decimals`, a value from 1e-3 that is no whole number and has `whole` in front of its point. */
function putDecimal(
  bytes: Uint8Array,
  at: number,
  digits: number,
  decimals: number,
  whole: number,
  words: DataView,
): number {
  if (decimals > 9) {
    // 0.0x and 0.00x: the places beyond nine are zeros in front.
    bytes[at++] = ZERO;
    bytes[at++] = POINT;
    for (; decimals > 9; decimals--) bytes[at++] = ZERO;
    return putPadded(bytes, at, digits, 9);
  }
  if (whole === 0) bytes[at++] = ZERO;
  else {
    at = putInt31(bytes, at, whole);
    digits = (digits - whole * POWERS_OF_TEN[decimals]!) | 0;
  }
  bytes[at++] = POINT;
  if (decimals < 7) return putPadded(bytes, at, digits, decimals);
  if (decimals === 9) {
    const first = (digits / 1e8) | 0;
    bytes[at] = ZERO + first;
    putEight(words, at + 1, digits - first * 1e8);
  } else {
    // Of seven digits the eighth is written too, and then written over by what comes next.
    putEight(words, at, decimals === 8 ? digits : digits * 10);
  }
  return at + decimals;
}

/** Tiny, huge and not finite values. */
function putRareFloat32(bytes: Uint8Array, at: number, magnitude: number): number {
  if (magnitude === 0) return putAscii(bytes, at, "-0.0");
  if (magnitude >= 1e-13 && magnitude < 1e28) {
    const first = firstPower(magnitude);
    for (let places = 7; places <= 9; places++) {
      let exponent = first - places + 1;
      let digits = roundedDigits(magnitude, exponent);
      if (digits === 0) continue;
      if (places === 7) {
        const shorter = roundedDigits(magnitude, exponent + 1);
        if (shorter !== 0) {
          digits = shorter;
          exponent++;
        }
      }
      for (; digits % 10 === 0; exponent++) digits /= 10;
      return putExponent(bytes, putInt31(bytes, at, digits), exponent);
    }
  }
  for (let places = 6; places < 9; places++) {
    const text = Number(magnitude.toPrecision(places));
    if (Math.fround(text) === magnitude) return putAscii(bytes, at, String(text));
  }
  return putAscii(bytes, at, String(Number(magnitude.toPrecision(9))));
}

/** The power of ten of the first digit, at most one too low: 0.30103 decimal digits lie in a binary one. */
function firstPower(magnitude: number): number {
  floatAlias[0] = magnitude;
  return Math.floor(((bitsAlias[0]! >>> 23) - 127) * 0.30103);
}

/** `magnitude / 10^exponent` as a whole number, or 0 when that times 10^exponent is another float32. */
function roundedDigits(magnitude: number, exponent: number): number {
  if (exponent < 0) {
    const scale = POWERS_OF_TEN[-exponent]!;
    const digits = Math.floor(magnitude * scale + 0.5);
    return Math.fround(digits / scale) === magnitude ? digits : 0;
  }
  const scale = POWERS_OF_TEN[exponent]!;
  const digits = Math.floor(magnitude / scale + 0.5);
  return Math.fround(digits * scale) === magnitude ? digits : 0;
}

function putExponent(bytes: Uint8Array, at: number, exponent: number): number {
  bytes[at++] = LETTER_E;
  return putInt32(bytes, at, exponent);
}
