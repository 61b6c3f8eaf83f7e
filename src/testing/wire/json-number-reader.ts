import { type Cursor, ERRORS, peek, syntaxError } from "./json-cursor.ts";

const DOT = 0x2e;
const MINUS = 0x2d;
const PLUS = 0x2b;
const ZERO = 0x30;
/** One more digit would be beyond the largest double. */
const MAX_BEFORE_DIGIT = Number.MAX_VALUE / 10;
const MAX_UINT64 = 2n ** 64n - 1n;
const MIN_INT64 = -(2n ** 63n);
const MAX_SAFE = 2n ** 53n - 1n;

/**
 * Reads a number token: a bigint for an integer within 64 bits, else a double made as RapidJSON's fast mode makes it,
 * which may miss the nearest one by a unit or two in the last place. `-0` is the integer 0.
 *
 * @see rapidjson 1.1.0 reader.h ParseNumber, internal/strtod.h StrtodNormalPrecision
 */
export function readNumber(cursor: Cursor): bigint | number {
  const begin = cursor.offset;
  const negative = take(cursor, MINUS);
  const digitsBegin = cursor.offset;
  if (take(cursor, ZERO)) {
    // A leading zero stands alone.
  } else if (isDigit(peek(cursor))) {
    while (isDigit(peek(cursor))) cursor.offset++;
  } else {
    return readNonFinite(cursor, negative);
  }
  const digits = latin1(cursor, digitsBegin, cursor.offset);
  const next = peek(cursor) | 0x20;
  if (peek(cursor) !== DOT && next !== 0x65) {
    const integer = digits.length < 16 ? undefined : BigInt(digits);
    if (integer === undefined || fits(integer, negative)) {
      const value = integer ?? BigInt(digits);
      return negative ? -value : value;
    }
  }
  return readDouble(cursor, begin, digits, negative);
}

function fits(magnitude: bigint, negative: boolean): boolean {
  return negative ? -magnitude >= MIN_INT64 : magnitude <= MAX_UINT64;
}

function readDouble(cursor: Cursor, begin: number, digits: string, negative: boolean): number {
  const wholePart = BigInt(digits);
  const isWholeInteger = fits(wholePart, negative);
  let significand = isWholeInteger ? Number(wholePart) : accumulate(digits, negative, begin);
  let fractionDigits = 0;
  if (take(cursor, DOT)) {
    if (!isDigit(peek(cursor))) throw syntaxError(ERRORS.missingFraction, cursor.offset);
    let significant = isWholeInteger ? Math.max(0, digits.length - 1) : digits.length;
    if (isWholeInteger) {
      let exact = wholePart;
      while (isDigit(peek(cursor)) && exact <= MAX_SAFE) {
        exact = exact * 10n + BigInt(peek(cursor) - ZERO);
        cursor.offset++;
        fractionDigits++;
        if (exact !== 0n) significant++;
      }
      significand = Number(exact);
    }
    while (isDigit(peek(cursor))) {
      if (significant < 17) {
        significand = significand * 10 + (peek(cursor) - ZERO);
        fractionDigits++;
        if (significand > 0) significant++;
      }
      cursor.offset++;
    }
  }
  const exponent = readExponent(cursor, begin, fractionDigits) - fractionDigits;
  const magnitude = scale(significand, exponent);
  return negative ? -magnitude : magnitude;
}

/** An integer beyond 64 bits: exact up to there, then one rounded step a digit. */
function accumulate(digits: string, negative: boolean, begin: number): number {
  const limit = negative ? 922337203685477580n : 1844674407370955161n;
  let used = 0;
  let exact = 0n;
  while (used < digits.length && exact < limit) exact = exact * 10n + BigInt(digits[used++] as string);
  if (used < digits.length && exact === limit && Number(digits[used]) <= (negative ? 8 : 5)) {
    exact = exact * 10n + BigInt(digits[used++] as string);
  }
  let value = Number(exact);
  for (; used < digits.length; used++) {
    if (value >= MAX_BEFORE_DIGIT) throw syntaxError(ERRORS.numberTooBig, begin);
    value = value * 10 + Number(digits[used]);
  }
  return value;
}

function readExponent(cursor: Cursor, begin: number, fractionDigits: number): number {
  if ((peek(cursor) | 0x20) !== 0x65) return 0;
  cursor.offset++;
  const negative = take(cursor, PLUS) ? false : take(cursor, MINUS);
  if (!isDigit(peek(cursor))) throw syntaxError(ERRORS.missingExponent, cursor.offset);
  const limit = 308 + fractionDigits;
  let exponent = 0;
  for (let first = true; isDigit(peek(cursor)); first = false) {
    exponent = Math.min(exponent * 10 + (peek(cursor) - ZERO), 214_748_364);
    cursor.offset++;
    if (!first && !negative && exponent > limit) throw syntaxError(ERRORS.numberTooBig, begin);
  }
  return negative ? -exponent : exponent;
}

function scale(significand: number, exponent: number): number {
  if (exponent < -308) return fastPath(fastPath(significand, -308), exponent + 308);
  return fastPath(significand, exponent);
}

function fastPath(significand: number, exponent: number): number {
  if (exponent < -308) return 0;
  return exponent >= 0 ? significand * powerOfTen(exponent) : significand / powerOfTen(-exponent);
}

function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`);
}

function readNonFinite(cursor: Cursor, negative: boolean): number {
  if (takeWord(cursor, "NaN")) return Number.NaN;
  if (!takeWord(cursor, "Inf")) throw syntaxError(ERRORS.valueInvalid, cursor.offset);
  if (peek(cursor) === 0x69 && !takeWord(cursor, "inity")) throw syntaxError(ERRORS.valueInvalid, cursor.offset);
  return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

/** Stops behind the letters that fit: that is where the error is. */
function takeWord(cursor: Cursor, word: string): boolean {
  for (let i = 0; i < word.length; i++) if (!take(cursor, word.charCodeAt(i))) return false;
  return true;
}

function take(cursor: Cursor, byte: number): boolean {
  if (peek(cursor) !== byte) return false;
  cursor.offset++;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= 0x39;
}

function latin1({ bytes }: Cursor, begin: number, end: number): string {
  let text = "";
  for (let i = begin; i < end; i++) text += String.fromCharCode(bytes[i] as number);
  return text;
}
