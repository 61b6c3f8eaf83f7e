import { Tensor } from "../../tensor/tensor.ts";
import { another, type Elements } from "./elements.ts";
import { Growing } from "./growing.ts";
import { HIGH_WORD, LOW_WORD } from "./int64-words.ts";
import type { JsonReader } from "./json-reader.ts";

const MINUS = 45;
const POINT = 46;
const ZERO = 48;

/** Below this many digits a double is exact. */
const SAFE_DIGITS = 15;

const RANGES = {
  int64: { min: -(2n ** 63n), max: 2n ** 63n - 1n },
  uint64: { min: 0n, max: 2n ** 64n - 1n },
} as const;

/**
 * Reads 64-bit integers, exactly: words of 32 bits by way of a double up to 15 digits, by way of a bigint beyond.
 *
 * With `loose` (nobody declared the dtype) it stops at a number that is not whole and sets `stopped`: what was read so
 * far, and the rest, are floats then.
 */
export class Int64Elements implements Elements {
  readonly #dtype: "int64" | "uint64";
  readonly #loose: boolean;
  readonly #array;
  #length = 0;
  stopped = false;

  constructor(dtype: "int64" | "uint64", reader: JsonReader, loose = false) {
    this.#dtype = dtype;
    this.#loose = loose;
    this.#array = new Growing(Int32Array, reader, 2);
  }

  readRun(reader: JsonReader, limit: number): number {
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
      const digits = at - first;
      const whole = digits > 0 && byte !== POINT && byte !== 101 && byte !== 69;
      if (!whole) {
        if (this.#loose && (digits > 0 || byte === 73 || byte === 78)) {
          this.stopped = true;
          return count;
        }
        if (digits === 0) throw reader.unexpected(this.#dtype);
        throw reader.fail(`expected ${this.#dtype}, found a number with a fraction or an exponent`, start);
      }
      if (bytes[first] === ZERO && digits > 1) throw reader.fail("a number with zeros in front", start);
      if (this.#length + 2 > values.length) {
        // Two words for two bytes, a digit and a comma.
        values = this.#array.grow(this.#length, start, 1);
      }
      if (digits <= SAFE_DIGITS && (!negative || this.#dtype === "int64" || value === 0)) {
        if (negative) value = -value;
        values[this.#length + LOW_WORD] = value;
        values[this.#length + HIGH_WORD] = Math.floor(value / 0x1_0000_0000);
      } else {
        const { min, max } = RANGES[this.#dtype];
        // No number in range has more digits, and a bigint of very many takes long to make.
        const exact = digits <= 20 ? BigInt(bytes.toString("latin1", start, at)) : undefined;
        if (exact === undefined || exact < min || exact > max) {
          throw reader.fail(`a number beyond the range of ${this.#dtype}`, start);
        }
        values[this.#length + LOW_WORD] = Number(BigInt.asIntN(32, exact));
        values[this.#length + HIGH_WORD] = Number(BigInt.asIntN(32, exact >> 32n));
      }
      this.#length += 2;
      count++;
      reader.position = at;
    } while (count < limit && another(reader));
    return count;
  }

  finish(shape: readonly number[]): Tensor {
    const { buffer, byteOffset } = this.#array.take(this.#length);
    const elements = this.#length / 2;
    return this.#dtype === "int64"
      ? new Tensor("int64", shape, new BigInt64Array(buffer, byteOffset, elements))
      : new Tensor("uint64", shape, new BigUint64Array(buffer, byteOffset, elements));
  }

  /** What was read so far, for a reader of floats to take over. */
  surrender(): BigInt64Array {
    const { buffer, byteOffset } = this.#array.take(this.#length);
    return new BigInt64Array(buffer, byteOffset, this.#length / 2);
  }
}
