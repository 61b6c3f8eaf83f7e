import { Tensor } from "../../tensor/tensor.ts";
import type { Elements } from "./elements.ts";
import { Growing } from "./growing.ts";
import type { JsonReader } from "./json-reader.ts";
import { POWERS_OF_TEN } from "./put-number.ts";
import { readNumber, roundsClearly } from "./read-number.ts";

const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const COMMA = 44;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const CLOSE_OBJECT = 125;

/** A digit and a comma. */
const LEAST_BYTES = 2;

/** Reads float32 or float64 elements: any number, and the bare tokens for what is not finite. */
export class FloatElements implements Elements {
  readonly #wide: boolean;
  readonly #array: Growing<Float32Array> | Growing<Float64Array>;
  #length = 0;

  constructor(dtype: "float32" | "float64", reader: JsonReader) {
    this.#wide = dtype === "float64";
    this.#array = this.#wide ? new Growing(Float64Array, reader) : new Growing(Float32Array, reader);
  }

  /** Takes over whole numbers that were read before the first fraction came. */
  append(values: BigInt64Array, at: number): void {
    for (const value of values) {
      const { values: array } = this.#array;
      const room = this.#length < array.length ? array : this.#array.grow(this.#length, at, LEAST_BYTES);
      room[this.#length++] = Number(value);
    }
  }

  /**
   * The hot loop: numbers without exponent, commas and white space, on local variables. What it cannot finish
   * (an exponent, a long whole part, a word) is read once more by {@link readNumber}.
   */
  readRun(reader: JsonReader, limit: number): number {
    const { bytes, end } = reader;
    const array = this.#array;
    const wide = this.#wide;
    let values = array.values;
    let at = reader.position;
    let length = this.#length;
    const before = length;
    for (;;) {
      const start = at;
      let byte = bytes[at]!;
      const negative = byte === MINUS;
      if (negative) byte = bytes[++at]!;
      const firstAt = at;
      const first = byte;
      let digits = 0;
      let room = 9;
      while (byte >= 48 && byte <= 57 && room > 0) {
        digits = Math.imul(digits, 10) + byte - 48;
        // Zeros in front take no room.
        if (digits !== 0) room--;
        byte = bytes[++at]!;
      }
      const wholeDigits = at - firstAt;
      let decimals = 0;
      if (byte === POINT) {
        const pointAt = at;
        byte = bytes[++at]!;
        while (byte >= 48 && byte <= 57 && room > 0) {
          digits = Math.imul(digits, 10) + byte - 48;
          if (digits !== 0) room--;
          byte = bytes[++at]!;
        }
        decimals = at - pointAt - 1;
        // A point without digits behind it is no number.
        if (decimals === 0) byte = POINT;
      }
      let mantissa = digits;
      let cut = false;
      if (byte >= 48 && byte <= 57 && decimals > 0) {
        // More digits than a float32 needs: up to fifteen fit a double, the rest cannot matter but for a close call.
        for (let extra = 0; extra < 6 && byte >= 48 && byte <= 57; extra++) {
          mantissa = mantissa * 10 + byte - 48;
          decimals++;
          byte = bytes[++at]!;
        }
        for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) cut = true;
      }
      let value: number;
      if (
        (byte === COMMA || byte === CLOSE_LIST || byte === NEWLINE || byte === SPACE || byte === CLOSE_OBJECT) &&
        wholeDigits > 0 &&
        (first !== ZERO || wholeDigits === 1) &&
        decimals <= 22 &&
        (!cut || (!wide && roundsClearly(mantissa / POWERS_OF_TEN[decimals]!)))
      ) {
        // Both sides are exact, so the quotient is rounded once.
        value = mantissa / POWERS_OF_TEN[decimals]!;
        if (negative) value = -value;
      } else {
        reader.position = start;
        value = readNumber(reader, wide);
        at = reader.position;
        byte = bytes[at]!;
      }
      if (length === values.length) values = array.grow(length, start, LEAST_BYTES);
      values[length++] = value;
      while (byte <= SPACE && at < end && isSpace(byte)) byte = bytes[++at]!;
      if (byte !== COMMA || length - before === limit) break;
      byte = bytes[++at]!;
      while (byte <= SPACE && at < end && isSpace(byte)) byte = bytes[++at]!;
      if (byte === OPEN_LIST) break;
    }
    reader.position = at;
    this.#length = length;
    return length - before;
  }

  finish(shape: readonly number[]): Tensor {
    const values = this.#array.take(this.#length);
    return new Tensor<"float32" | "float64">(this.#wide ? "float64" : "float32", shape, values);
  }
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === 9;
}
