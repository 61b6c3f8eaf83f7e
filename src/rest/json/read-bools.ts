import { Tensor } from "../../tensor/tensor.ts";
import { another, type Elements } from "./elements.ts";
import { Growing } from "./growing.ts";
import type { JsonReader } from "./json-reader.ts";

/** Reads `true` and `false`; nothing else stands for a bool. */
export class BoolElements implements Elements {
  readonly #array;
  #length = 0;

  constructor(reader: JsonReader) {
    this.#array = new Growing(Uint8Array, reader);
  }

  readRun(reader: JsonReader, limit: number): number {
    const { bytes } = reader;
    let { values } = this.#array;
    let count = 0;
    do {
      const at = reader.position;
      const isTrue = bytes[at] === 116 && bytes[at + 1] === 114 && bytes[at + 2] === 117 && bytes[at + 3] === 101;
      if (!isTrue && !isFalse(bytes, at)) throw reader.unexpected("true or false");
      if (this.#length === values.length) {
        values = this.#array.grow(this.#length, at, 5);
      }
      values[this.#length++] = isTrue ? 1 : 0;
      count++;
      reader.position = at + (isTrue ? 4 : 5);
    } while (count < limit && another(reader));
    return count;
  }

  finish(shape: readonly number[]): Tensor {
    return new Tensor("bool", shape, this.#array.take(this.#length));
  }
}

function isFalse(bytes: Buffer, at: number): boolean {
  return (
    bytes[at] === 102 && bytes[at + 1] === 97 && bytes[at + 2] === 108 && bytes[at + 3] === 115 && bytes[at + 4] === 101
  );
}
