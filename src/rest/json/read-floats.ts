import { Tensor } from "../../tensor/tensor.ts";
import { type Elements, siblingFollows } from "./elements.ts";
import { Growing } from "./growing.ts";
import type { JsonReader } from "./json-reader.ts";
import { openPlainFloats, type PlainFloats } from "./plain-floats.ts";
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
  readonly #plain: PlainFloats | undefined;
  #length = 0;
  rows = 0;

  constructor(dtype: "float32" | "float64", reader: JsonReader) {
    this.#wide = dtype === "float64";
    this.#array = this.#wide ? new Growing(Float64Array, reader) : new Growing(Float32Array, reader);
    this.#plain = openPlainFloats(reader);
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
   * (an exponent, a word, digits that leave a doubt) is read once more by {@link readNumber}. Of long bodies
   * {@link PlainFloats} reads most, this loop the numbers that it stops at.
   */
  readRun(reader: JsonReader, limit: number, rowLength = 0): number {
    const { bytes, end, words, lastWord } = reader;
    const array = this.#array;
    const wide = this.#wide;
    const plain = limit > 1 ? this.#plain : undefined;
    let values = array.values;
    let at = reader.position;
    let length = this.#length;
    let before = length;
    let rows = 0;
    for (;;) {
      if (plain !== undefined && at >= plain.from) {
        length += plain.read(at, values, length, rowLength, length - before);
        at = plain.end;
        before = length - plain.inRow;
        rows += plain.rows;
      }
      const start = at;
      let byte = bytes[at]!;
      const negative = byte === MINUS;
      if (negative) byte = bytes[++at]!;
      const first = byte;
      const firstAt = at;
      let digits = 0;
      while (byte >= 48 && byte <= 57) {
        digits = digits * 10 + byte - 48;
        byte = bytes[++at]!;
      }
      let count = at - firstAt;
      const startsWell = count === 1 || (count > 1 && first !== ZERO);
      let decimals = 0;
      if (byte === POINT) {
        const pointAt = ++at;
        while (at <= lastWord) {
          const four = fourDigits(words.getInt32(at, true));
          if (four < 0) break;
          digits = digits * 10_000 + four;
          at += 4;
        }
        byte = bytes[at]!;
        while (byte >= 48 && byte <= 57) {
          digits = digits * 10 + byte - 48;
          byte = bytes[++at]!;
        }
        decimals = at - pointAt;
        count += decimals;
        // A point without digits behind it is no number.
        if (decimals === 0) byte = POINT;
      }
      let value = 0;
      let done = false;
      if (
        (byte === COMMA || byte === CLOSE_LIST || byte === NEWLINE || byte === SPACE || byte === CLOSE_OBJECT) &&
        startsWell &&
        decimals <= 22
      ) {
        value = digits / POWERS_OF_TEN[decimals]!;
        // Up to fifteen digits both sides are exact, so the quotient is rounded once. Of more digits a float32 does
        // not need to know: the sum is off by much less than what is allowed for here.
        done = count <= 15 || (!wide && count <= 40 && roundsClearly(value));
        if (negative) value = -value;
      }
      if (!done) {
        reader.position = start;
        value = readNumber(reader, wide);
        at = reader.position;
        byte = bytes[at]!;
      }
      if (length === values.length) values = array.grow(length, start, LEAST_BYTES);
      values[length++] = value;
      while (byte <= SPACE && at < end && isSpace(byte)) byte = bytes[++at]!;
      if (byte !== COMMA || length - before === limit) {
        if (length - before !== rowLength || !siblingFollows(bytes, at)) break;
        at += 3;
        before = length;
        rows++;
        continue;
      }
      byte = bytes[++at]!;
      while (byte <= SPACE && at < end && isSpace(byte)) byte = bytes[++at]!;
      if (byte === OPEN_LIST) break;
    }
    reader.position = at;
    this.#length = length;
    this.rows = rows;
    return length - before;
  }

  finish(shape: readonly number[]): Tensor {
    const values = this.#array.take(this.#length);
    return new Tensor<"float32" | "float64">(this.#wide ? "float64" : "float32", shape, values);
  }
}

/** The number that four digits stand for, read as one little-endian word; -1 when they are not all digits. */
function fourDigits(word: number): number {
  // A byte is a digit when its upper half is 3, also after 6 was added.
  if ((((word & 0xf0f0f0f0) ^ 0x30303030) | (((word + 0x06060606) & 0xf0f0f0f0) ^ 0x30303030)) !== 0) return -1;
  const ones = word & 0x0f0f0f0f;
  const pairs = (Math.imul(ones, 10) + (ones >>> 8)) & 0x00ff00ff;
  return Math.imul(pairs & 0xff, 100) + (pairs >>> 16);
}

function isSpace(byte: number): boolean {
  return byte === SPACE || byte === NEWLINE || byte === RETURN || byte === 9;
}
