import { VARINTS } from "#generated/kernels/varints.ts";
import { openKernel } from "../../internal/open-kernel.ts";
import { LITTLE_ENDIAN } from "./byte-order.ts";
import { readInt32s, readInt64s } from "./varint-list.ts";

/**
 * The loops of varint-list.ts for long lists, in kernels/varints.ts: it decodes several varints at a time, where a branch
 * guessed wrong would cost more than each of them. Whatever is left at the end, does not fit or is malformed is for the
 * careful loops, which these end with.
 */
interface VarintKernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly source: { readonly value: number };
  readonly sourceBytes: { readonly value: number };
  readonly values: { readonly value: number };
  int64s(length: number, room: number): number;
  int32s(length: number, room: number): number;
  bytesTaken(): number;
}

/** From here on the way into the kernel's memory and back costs less than it saves. */
const LONG_BYTES = 256;

/** As {@link readInt64s}. */
export function readManyInt64s(
  bytes: Buffer,
  pos: number,
  end: number,
  words: Int32Array,
  index: number,
  limit: number,
  lowWord: 0 | 1,
): number {
  const window = end - pos < LONG_BYTES || lowWord === 1 ? undefined : openWindow();
  if (window !== undefined) {
    const { kernel } = window;
    const out = new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
    for (;;) {
      const count = kernel.int64s(window.fill(bytes, pos, end), limit - index);
      if (count === 0) break;
      out.set(window.values(8 * count), 8 * index);
      index += count;
      pos += kernel.bytesTaken();
    }
  }
  return readInt64s(bytes, pos, end, words, index, limit, lowWord);
}

/** As {@link readInt32s}. */
export function readManyInt32s(
  bytes: Buffer,
  pos: number,
  end: number,
  out: Int32Array | Uint32Array,
  index: number,
  limit: number,
): number {
  const window = end - pos < LONG_BYTES || !LITTLE_ENDIAN ? undefined : openWindow();
  if (window !== undefined) {
    const { kernel } = window;
    const target = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
    for (;;) {
      const count = kernel.int32s(window.fill(bytes, pos, end), limit - index);
      if (count === 0) break;
      target.set(window.values(4 * count), 4 * index);
      index += count;
      pos += kernel.bytesTaken();
    }
  }
  return readInt32s(bytes, pos, end, out, index, limit);
}

/** The kernel and its memory: bytes go in a piece at a time, so that both stay small and in the processor's cache. */
class Window {
  readonly kernel: VarintKernel;
  readonly #memory: Uint8Array;
  readonly #source: number;
  readonly #most: number;
  readonly #values: number;

  constructor(kernel: VarintKernel) {
    this.kernel = kernel;
    this.#memory = new Uint8Array(kernel.memory.buffer);
    this.#source = kernel.source.value;
    this.#most = kernel.sourceBytes.value;
    this.#values = kernel.values.value;
  }

  /** Puts the next piece in; returns its length. */
  fill(bytes: Buffer, pos: number, end: number): number {
    const piece = bytes.subarray(pos, Math.min(end, pos + this.#most));
    this.#memory.set(piece, this.#source);
    return piece.length;
  }

  /** What the kernel has left there, until it is called again. */
  values(length: number): Uint8Array {
    return this.#memory.subarray(this.#values, this.#values + length);
  }
}

let opened: Window | undefined;
let tried = false;

/** The one window, whose memory is used by one call at a time; none where WebAssembly cannot be had. */
function openWindow(): Window | undefined {
  if (!tried) {
    tried = true;
    const kernel = openKernel<VarintKernel>(VARINTS);
    if (kernel !== undefined) opened = new Window(kernel);
  }
  return opened;
}
