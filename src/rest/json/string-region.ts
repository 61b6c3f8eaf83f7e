import type { StringSource } from "../../tensor/string-source.ts";

/** Byte strings that lie one behind the other in one region. */
export class StringRegion implements StringSource {
  readonly #region: Buffer;
  readonly #ends: Int32Array;

  constructor(region: Buffer, ends: Int32Array) {
    this.#region = region;
    this.#ends = ends;
  }

  toBytes(): readonly Uint8Array[] {
    const { buffer, byteOffset } = this.#region;
    return this.#map((start, end) => new Uint8Array(buffer, byteOffset + start, end - start));
  }

  toStrings(): string[] {
    return this.#map((start, end) => this.#region.toString("utf8", start, end));
  }

  #map<T>(take: (start: number, end: number) => T): T[] {
    const elements = new Array<T>(this.#ends.length);
    let start = 0;
    for (let index = 0; index < elements.length; index++) {
      const end = this.#ends[index]!;
      elements[index] = take(start, end);
      start = end;
    }
    return elements;
  }
}
