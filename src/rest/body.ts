/** From here on a body of known length is put together as it comes. */
const LARGE_BYTES = 64 << 10;

/**
 * Puts the chunks of a body together. A large one whose length was announced has its memory from the start, so that
 * a chunk is garbage as soon as it is copied: else the whole body would be there twice at its end.
 */
export class Body {
  #whole: Buffer | undefined;
  #chunks: Buffer[] = [];
  #length = 0;

  /** @param announced the content-length, within the limit of a body; NaN where there is none */
  constructor(announced: number) {
    if (announced >= LARGE_BYTES) this.#whole = Buffer.allocUnsafeSlow(announced);
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    const whole = this.#whole;
    if (whole === undefined) {
      this.#chunks.push(chunk);
    } else if (this.#length + chunk.length <= whole.length) {
      whole.set(chunk, this.#length);
    } else {
      // More than was announced: whoever speaks HTTP notices by itself, and until then nothing is lost.
      this.#chunks = [whole.subarray(0, this.#length), chunk];
      this.#whole = undefined;
    }
    this.#length += chunk.length;
  }

  /** All of it. */
  take(): Buffer {
    if (this.#whole !== undefined) return this.#whole.subarray(0, this.#length);
    return this.#chunks.length === 1 ? (this.#chunks[0] as Buffer) : Buffer.concat(this.#chunks, this.#length);
  }
}
