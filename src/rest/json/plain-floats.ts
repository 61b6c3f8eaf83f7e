import { FLOATS } from "#generated/kernels/floats.ts";
import { openKernel } from "../../internal/open-kernel.ts";
import { LOW_WORD } from "./int64-words.ts";
import type { JsonReader } from "./json-reader.ts";

/** What kernels/floats.ts exports. */
interface Kernel {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly source: { readonly value: number };
  readonly sourceBytes: { readonly value: number };
  readonly values: { readonly value: number };
  floats(start: number, end: number, room: number, rowLength: number, inRow: number, wide: boolean): number;
  bytesTaken(): number;
  rowsTaken(): number;
  readInRow(): number;
}

/** From here on the way into the kernel's memory and back costs less than it saves, also when it has to be made first. */
const LONG_BYTES = 4096;

/** With less of a piece left the next one is fetched: longer than any number that the kernel reads. */
const LEAST_BYTES = 512;

/** A call that reads fewer numbers has cost more than it saved. */
const FEW = 16;

/** After such a call the next one waits for so many bytes to be read otherwise, after another one for twice as many. */
const LEAST_PAUSE_BYTES = 256;
const MOST_PAUSE_BYTES = 64 << 10;

/**
 * Reads the plain numbers of one tensor, with the loop of kernels/floats.ts: several times as fast as one in JavaScript
 * can be. Where it is of no use, because of what it meets or of how short the lists are, it asks to be called rarely.
 */
export class PlainFloats {
  /** From this position on, and where a number begins, it is worth a call. */
  from: number;
  /** Where the last call has stopped: a number begins there. */
  end = 0;
  /** How many rows the last call has gone on from. */
  rows = 0;
  /** How many numbers were read of the row in which the last call has stopped. */
  inRow = 0;
  readonly #window: Window;
  readonly #reader: JsonReader;
  #pauseBytes = 0;

  constructor(window: Window, reader: JsonReader) {
    this.#window = window;
    this.#reader = reader;
    this.from = reader.position;
  }

  /**
   * Reads numbers from where one begins, into `out` from `index` on: as many as have room there, up to one that is for
   * the careful loop. Returns how many; the members say more.
   *
   * @param rowLength how many numbers a row has: behind so many it goes on in the next list. 0 when rows end the run
   * @param inRow how many numbers of the row were read before
   */
  read(at: number, out: Float32Array | Float64Array, index: number, rowLength: number, inRow: number): number {
    const { kernel } = this.#window;
    const room = out.length - index;
    const start = this.#window.fetch(this.#reader, at);
    const wide = out.BYTES_PER_ELEMENT === 8;
    const count = kernel.floats(start, this.#window.end, room, rowLength, inRow, wide);
    out.set(this.#window.values(count, wide), index);
    this.end = at + kernel.bytesTaken();
    this.rows = kernel.rowsTaken();
    this.inRow = kernel.readInRow();
    const isWorthIt = count >= FEW || count === room;
    this.#pauseBytes = isWorthIt ? 0 : Math.min(Math.max(2 * this.#pauseBytes, LEAST_PAUSE_BYTES), MOST_PAUSE_BYTES);
    this.from = this.end + 1 + this.#pauseBytes;
    return count;
  }
}

/** The kernel and its memory: bytes go in a piece at a time, so that both stay small and in the processor's cache. */
class Window {
  readonly kernel: Kernel;
  /** The address behind the piece. */
  end = 0;
  readonly #memory: Uint8Array;
  readonly #narrow: Float32Array;
  readonly #wide: Float64Array;
  readonly #source: number;
  readonly #most: number;
  readonly #values: number;
  /** Whose piece it is, and where that lies in its bytes. */
  #serial = 0;
  #from = 0;
  #to = 0;

  constructor(kernel: Kernel) {
    const { buffer } = kernel.memory;
    this.kernel = kernel;
    this.#memory = new Uint8Array(buffer);
    this.#narrow = new Float32Array(buffer);
    this.#wide = new Float64Array(buffer);
    this.#source = kernel.source.value;
    this.#most = kernel.sourceBytes.value;
    this.#values = kernel.values.value;
  }

  /** The address of the byte at a position, with what follows behind it. */
  fetch({ bytes, end, serial }: JsonReader, at: number): number {
    const isThere = serial === this.#serial && at >= this.#from && (at + LEAST_BYTES <= this.#to || end === this.#to);
    if (!isThere) {
      this.#serial = serial;
      this.#from = at;
      this.#to = Math.min(end, at + this.#most);
      bytes.copy(this.#memory, this.#source, at, this.#to);
      this.end = this.#source + this.#to - at;
    }
    return this.#source + at - this.#from;
  }

  /** What the kernel has left there, until it is called again. */
  values(count: number, wide: boolean): Float32Array | Float64Array {
    const view = wide ? this.#wide : this.#narrow;
    const first = this.#values / view.BYTES_PER_ELEMENT;
    return view.subarray(first, first + count);
  }
}

let opened: Window | undefined;
let tried = false;

/** For what is left of a long body; `undefined` for a short one, and where WebAssembly cannot be had. */
export function openPlainFloats(reader: JsonReader): PlainFloats | undefined {
  // Its memory is little-endian everywhere.
  if (reader.end - reader.position < LONG_BYTES || LOW_WORD === 1) return undefined;
  if (!tried) {
    tried = true;
    const kernel = openKernel<Kernel>(FLOATS);
    if (kernel !== undefined) opened = new Window(kernel);
  }
  return opened && new PlainFloats(opened, reader);
}
