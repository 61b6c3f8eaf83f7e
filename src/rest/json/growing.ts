import { decodeError } from "../../errors/decode-error.ts";
import type { JsonReader } from "./json-reader.ts";

/** More elements than any model's reply has; what a hostile body could make a client allocate ends here. */
const MAX_ELEMENTS = 2 ** 27;

/** Arrays up to this size are kept for the next reply. */
const KEPT_BYTES = 1 << 20;

/** Small arrays lie on the engine's own heap, where making one and copying by hand is fastest. */
const SMALL_BYTES = 64;

type Fixed = Float32Array | Float64Array | Int32Array | Uint32Array | Int16Array | Uint16Array | Int8Array | Uint8Array;

export interface FixedConstructor<A extends Fixed> {
  new (length: number): A;
  new (buffer: ArrayBuffer): A;
  readonly BYTES_PER_ELEMENT: number;
}

/** Room to begin with, in values: the first tensor of a reply gets most of it, since there may be thousands of them. */
const FIRST_ROOM = 4096;
const LEAST_ROOM = 16;

/** From here on an exact copy costs more than some room that stays unused. */
const LARGE_BYTES = 256 << 10;

/** The arrays between two replies. Decoding never yields, so one a type is enough. */
const spares = new Map<unknown, Fixed>();

/** A typed array with room to grow, in step with what is left to read. */
export class Growing<A extends Fixed> {
  values: A;
  readonly #type: FixedConstructor<A>;
  readonly #reader: JsonReader;
  readonly #from: number;
  readonly #limit: number;
  /** Bytes of the reader's budget that this array has taken. */
  #claimed = 0;

  /** @param valuesPerElement 2 where an element takes two words */
  constructor(type: FixedConstructor<A>, reader: JsonReader, valuesPerElement: 1 | 2 = 1) {
    this.#type = type;
    this.#reader = reader;
    this.#from = reader.position;
    this.#limit = MAX_ELEMENTS * valuesPerElement;
    const room = Math.min((reader.end - reader.position) >> 3, FIRST_ROOM / ++reader.tensors) * valuesPerElement;
    if (room <= LEAST_ROOM) {
      this.values = new type(LEAST_ROOM);
      return;
    }
    const spare = spares.get(type) as A | undefined;
    if (spare !== undefined) spares.delete(type);
    this.values = spare ?? new type(Math.floor(room));
  }

  /**
   * Makes more room and keeps the values: as much as the rest of the body is going to need if it goes on as it began,
   * at most four times what there is.
   *
   * @param at how far the body has been read
   * @param leastBytes the fewest bytes of the body that one value takes
   * @throws ServingError (INTERNAL, kind decode) beyond 2^27 elements; (RESOURCE_EXHAUSTED, kind too_large) when the
   * tensors of the reply get too large
   */
  grow(used: number, at: number, leastBytes: number): A {
    if (used >= this.#limit) throw decodeError(`reply: more than ${MAX_ELEMENTS} elements in one tensor`);
    const left = this.#reader.end - at;
    const expected = used + 64 + Math.ceil((1.02 * used * left) / Math.max(at - this.#from, 1));
    const most = used + 2 + Math.ceil(left / leastBytes);
    const room = Math.min(Math.max(expected, used * 1.5, LEAST_ROOM), used * 4 + LEAST_ROOM, most, this.#limit);
    const bytes = Math.ceil(room) * this.#type.BYTES_PER_ELEMENT;
    this.#reader.claim(bytes - this.#claimed);
    this.#claimed = bytes;
    const grown = new this.#type(Math.ceil(room));
    grown.set(this.values as never);
    this.values = grown;
    return grown;
  }

  /**
   * The first `used` values in memory that belongs to them alone. Small room goes back for the next reply; of large
   * room that is about full they keep all.
   */
  take(used: number): A {
    const { values } = this;
    if (values.byteLength > LARGE_BYTES && used >= values.length * 0.9) return values.subarray(0, used) as A;
    if (values.length > LEAST_ROOM && values.byteLength <= KEPT_BYTES) spares.set(this.#type, values);
    const bytes = used * this.#type.BYTES_PER_ELEMENT;
    if (bytes > SMALL_BYTES) {
      // slice() of a buffer skips the zeroing that a new typed array pays for.
      return new this.#type((values.buffer as ArrayBuffer).slice(0, bytes));
    }
    const taken = new this.#type(used);
    for (let index = 0; index < used; index++) taken[index] = values[index]!;
    return taken;
  }
}
