import { Tensor } from "../../tensor/tensor.ts";
import { another, type Elements } from "./elements.ts";
import { Growing } from "./growing.ts";
import type { JsonReader } from "./json-reader.ts";

const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** The array that holds each integer dtype of up to 32 bits, and its range. */
const NARROW = {
  int8: { array: Int8Array, min: -0x80, max: 0x7f },
  int16: { array: Int16Array, min: -0x8000, max: 0x7fff },
  int32: { array: Int32Array, min: -0x8000_0000, max: 0x7fff_ffff },
  uint8: { array: Uint8Array, min: 0, max: 0xff },
  uint16: { array: Uint16Array, min: 0, max: 0xffff },
  uint32: { array: Uint32Array, min: 0, max: 0xffff_ffff },
} as const;

export type NarrowInteger = keyof typeof NARROW;

/** Reads integers of up to 32 bits. A number with a fraction or an exponent, or out of range, is refused. */
export class IntegerElements implements Elements {
  readonly #dtype: NarrowInteger;
  readonly #array: Growing<Int32Array>;
  #length = 0;

  constructor(dtype: NarrowInteger, reader: JsonReader) {
    this.#dtype = dtype;
    // One type for the compiler; the arrays differ in width only, and the range is checked before they narrow.
    this.#array = new Growing(NARROW[dtype].array as unknown as typeof Int32Array, reader);
  }

  readRun(reader: JsonReader, limit: number): number {
    const { min, max } = NARROW[this.#dtype];
    const { bytes } = reader;
    let { values } = this.#array;
    let count = 0;
    do {
      const start = reader.position;
      let at = start;
      let byte = bytes[at]!;
      const negative = byte === MINUS;
      if (negative) byte = bytes[++at]!;
      const first = at;
      let value = 0;
      for (; byte >= 48 && byte <= 57; byte = bytes[++at]!) value = value * 10 + byte - 48;
      if (at === first) throw reader.unexpected(this.#dtype);
      if (byte === POINT || byte === 101 || byte === 69) {
        throw reader.fail(`expected ${this.#dtype}, found a number with a fraction or an exponent`, start);
      }
      if (bytes[first] === ZERO && at - first > 1) throw reader.fail("a number with zeros in front", start);
      if (negative) value = -value;
      if (value < min || value > max) throw reader.fail(`a number beyond the range of ${this.#dtype}`, start);
      if (this.#length === values.length) {
        values = this.#array.grow(this.#length, start, 2);
      }
      values[this.#length++] = value;
      count++;
      reader.position = at;
    } while (count < limit && another(reader));
    return count;
  }

  finish(shape: readonly number[]): Tensor {
    return new Tensor(this.#dtype, shape, this.#array.take(this.#length) as never);
  }
}
