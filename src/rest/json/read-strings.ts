import { Tensor } from "../../tensor/tensor.ts";
import { decodeBase64 } from "./base64.ts";
import { another, type Elements } from "./elements.ts";
import { Growing } from "./growing.ts";
import type { JsonReader } from "./json-reader.ts";
import { StringRegion } from "./string-region.ts";

const COLON = 58;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/**
 * Reads byte strings: a JSON string's bytes as they are, valid UTF-8 or not, or the bytes behind `{"b64": "…"}`. All
 * of them go into one region, so that a tensor of many short strings is not as many small arrays.
 */
export class StringElements implements Elements {
  /** Where each element ends in the region. */
  readonly #ends: Growing<Int32Array>;
  #length = 0;
  #region = Buffer.allocUnsafe(16);
  #used = 0;

  constructor(reader: JsonReader) {
    this.#ends = new Growing(Int32Array, reader);
  }

  readRun(reader: JsonReader, limit: number): number {
    let count = 0;
    do {
      if (reader.peek() === OPEN_OBJECT) this.#readBase64(reader);
      else this.#readText(reader);
      let { values } = this.#ends;
      if (this.#length === values.length) values = this.#ends.grow(this.#length, reader.position, 3);
      values[this.#length++] = this.#used;
      count++;
    } while (count < limit && another(reader));
    return count;
  }

  finish(shape: readonly number[]): Tensor {
    const region = Buffer.from(new Uint8Array(this.#region.subarray(0, this.#used)).buffer);
    return new Tensor("string", shape, new StringRegion(region, this.#ends.take(this.#length)));
  }

  #readText(reader: JsonReader): void {
    const start = reader.stringStart();
    const end = reader.stringEnd() - 1;
    this.#reserve(reader, end - start);
    this.#used = reader.escaped
      ? reader.copyString(start, end, this.#region, this.#used)
      : this.#used + reader.bytes.copy(this.#region, this.#used, start, end);
  }

  #readBase64(reader: JsonReader): void {
    const at = reader.position++;
    if (reader.string() !== "b64") throw reader.fail('expected a string or {"b64": …}, found another object', at);
    if (reader.peek() !== COLON) throw reader.unexpected('":"');
    reader.position++;
    let start = reader.stringStart();
    let end = reader.stringEnd() - 1;
    let source = reader.bytes;
    if (reader.escaped) {
      source = Buffer.allocUnsafe(end - start);
      end = reader.copyString(start, end, source, 0);
      start = 0;
    }
    this.#reserve(reader, end - start);
    const used = decodeBase64(source, start, end, this.#region, this.#used);
    if (used < 0) throw reader.fail("a b64 string that is not base64", at);
    this.#used = used;
    if (reader.peek() !== CLOSE_OBJECT) throw reader.unexpected('"}" behind the b64 string');
    reader.position++;
  }

  #reserve(reader: JsonReader, bytes: number): void {
    const needed = this.#used + bytes;
    if (needed <= this.#region.length) return;
    // What is left of the body is the most that can still come.
    const most = this.#used + reader.end - reader.position + bytes;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, Math.min(this.#region.length * 2, most)));
    reader.claim(grown.length - this.#region.length);
    this.#region.copy(grown, 0, 0, this.#used);
    this.#region = grown;
  }
}
