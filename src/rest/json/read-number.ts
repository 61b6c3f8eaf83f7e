import type { JsonReader } from "./json-reader.ts";
import { POWERS_OF_TEN } from "./put-number.ts";

const PLUS = 43;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;

/**
 * Reads one number of any form: exponents, any count of digits, and the bare `NaN`, `Infinity`, `-Infinity` (`Inf`
 * too) that a server writes for what is not finite. Correctly rounded to a double; with `wide` false, a float32 made
 * of it is the one nearest to the text.
 *
 * @throws ServingError (INTERNAL, kind decode) when there is no number, or one beyond the type's range
 */
export function readNumber(reader: JsonReader, wide: boolean): number {
  const { bytes } = reader;
  const start = reader.position;
  let at = start;
  let byte = bytes[at]!;
  const negative = byte === MINUS;
  if (negative) byte = bytes[++at]!;
  if (!(byte >= 48 && byte <= 57)) return readWord(reader, start);
  const first = byte;
  const firstAt = at;
  let mantissa = 0;
  let taken = 0;
  let exponent = 0;
  let cut = false;
  for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) {
    if (taken < EXACT_DIGITS) {
      mantissa = mantissa * 10 + byte - 48;
      if (mantissa !== 0) taken++;
    } else {
      exponent++;
      cut ||= byte !== ZERO;
    }
  }
  if (first === ZERO && at - firstAt > 1) throw reader.fail("a number with zeros in front", start);
  if (byte === POINT) {
    byte = bytes[++at]!;
    const point = at;
    for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) {
      if (taken < EXACT_DIGITS) {
        mantissa = mantissa * 10 + byte - 48;
        if (mantissa !== 0) taken++;
        exponent--;
      } else {
        cut ||= byte !== ZERO;
      }
    }
    if (at === point) throw reader.fail("a number that ends with its point", start);
  }
  if (byte === 101 || byte === 69) {
    byte = bytes[++at]!;
    const down = byte === MINUS;
    if (down || byte === PLUS) byte = bytes[++at]!;
    const power = at;
    let stated = 0;
    for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) if (stated < 100_000) stated = stated * 10 + byte - 48;
    if (at === power) throw reader.fail("a number without digits in its exponent", start);
    exponent += down ? -stated : stated;
  }
  reader.position = at;
  const value = assemble(mantissa, exponent, cut, wide) ?? Number(bytes.toString("latin1", firstAt, at));
  if (!Number.isFinite(wide ? value : Math.fround(value))) {
    throw reader.fail(`a number beyond the range of ${wide ? "float64" : "float32"}`, start);
  }
  return negative ? -value : value;
}

/** The value where arithmetic gets it right, undefined where the text has to be asked. */
function assemble(mantissa: number, exponent: number, cut: boolean, wide: boolean): number | undefined {
  if (mantissa === 0) return 0;
  if (exponent < -22 || exponent > 22) return undefined;
  const value = exponent < 0 ? mantissa / POWERS_OF_TEN[-exponent]! : mantissa * POWERS_OF_TEN[exponent]!;
  if (!cut) return value;
  return !wide && roundsClearly(value) ? value : undefined;
}

/** Whether a value with digits left out, too low by one part in 10^14 at most, makes the right float32 all the same. */
export function roundsClearly(value: number): boolean {
  return Math.fround(value * (1 - 2e-14)) === Math.fround(value * (1 + 2e-14));
}

function readWord(reader: JsonReader, start: number): number {
  const byte = reader.peek();
  if (byte !== 73 && byte !== 78 && byte !== MINUS) throw reader.unexpected("a number");
  switch (reader.token()) {
    case "NaN":
    case "-NaN":
      return Number.NaN;
    case "Infinity":
    case "Inf":
      return Number.POSITIVE_INFINITY;
    case "-Infinity":
    case "-Inf":
      return Number.NEGATIVE_INFINITY;
    default:
      throw reader.fail("expected a number, found a word that is none", start);
  }
}
