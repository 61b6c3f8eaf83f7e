import { decodeError } from "../../errors/decode-error.ts";

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

/** The arrays between two replies. Decoding never yields, so one a type is enough. */
const spares = new Map<unknown, Fixed>();

/** A typed array with room to grow. What is read goes into it, an exact copy comes out. */
export class Growing<A extends Fixed> {
  values: A;
  readonly #type: FixedConstructor<A>;
  readonly #limit: number;

  /**
   * @param likely how many values to make room for at first
   * @param valuesPerElement 2 where an element takes two words
   */
  constructor(type: FixedConstructor<A>, likely: number, valuesPerElement: 1 | 2 = 1) {
    this.#type = type;
    this.#limit = MAX_ELEMENTS * valuesPerElement;
    const spare = spares.get(type) as A | undefined;
    if (spare !== undefined) spares.delete(type);
    this.values = spare ?? new type(Math.min(Math.max(likely, 256), this.#limit));
  }

  /**
   * Doubles the room and keeps the values; not beyond what `atMost` values need.
   *
   * @throws ServingError (INTERNAL, kind decode) beyond 2^27 elements
   */
  grow(used: number, atMost: number): A {
    if (used >= this.#limit) throw decodeError(`reply: more than ${MAX_ELEMENTS} elements in one tensor`);
    const grown = new this.#type(Math.min(Math.max(used * 2, 256), Math.max(atMost, used + 2), this.#limit));
    grown.set(this.values as never);
    this.values = grown;
    return grown;
  }

  /** The first `used` values in an array of their own. The room goes back for the next reply. */
  take(used: number): A {
    const { values } = this;
    if (values.byteLength <= KEPT_BYTES) spares.set(this.#type, values);
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
