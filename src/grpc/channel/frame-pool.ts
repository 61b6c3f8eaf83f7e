/** What is smaller costs about as much to look after as to make. */
const MIN_BYTES = 16 << 10;
/** A frame is not written into memory more than this many times its size: that is for larger ones, or for nobody. */
const MAX_EXCESS = 2;
/** As many as are on their way at the same time, by and large. */
const MAX_KEPT = 16;

/**
 * The memory of large frames, lent again when they have gone out.
 *
 * V8 counts what buffers hold outside its heap against the limit of that heap. Where each call has fresh memory for a
 * frame of 600 kB, every twentieth call or so begins a full collection, and those take more of the processor than all
 * the rest of the call.
 *
 * What is not lent is held weakly: the next full collection takes it, as it would without a pool. So there is nothing
 * to tidy up, and never more memory in use than before.
 */
export class FramePool {
  #kept: WeakRef<ArrayBufferLike>[] = [];

  /** Memory for a frame, of this length and with anything in it. */
  take(length: number): Buffer {
    if (length < MIN_BYTES) return Buffer.allocUnsafe(length);
    const kept = this.#takeKept(length);
    // Not of the slab that small buffers share, which must not be lent as a whole.
    return kept === undefined ? Buffer.allocUnsafeSlow(length) : Buffer.from(kept, 0, length);
  }

  /** Takes back what {@link take} returned. It must be written to and read by nobody from now on, Node included. */
  giveBack({ buffer, length }: Buffer): void {
    if (length < MIN_BYTES) return;
    if (this.#kept.length === MAX_KEPT) this.#kept.shift();
    this.#kept.push(new WeakRef(buffer));
  }

  /** The one that was given back last of those that fit. */
  #takeKept(length: number): ArrayBufferLike | undefined {
    for (let index = this.#kept.length - 1; index >= 0; index--) {
      const buffer = this.#kept[index]?.deref();
      const fits = buffer !== undefined && buffer.byteLength >= length && buffer.byteLength <= length * MAX_EXCESS;
      if (fits || buffer === undefined) this.#kept.splice(index, 1);
      if (fits) return buffer;
    }
    return undefined;
  }
}
