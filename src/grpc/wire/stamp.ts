import { type DataOf, type DType, FIXED_WIDTH, type NumericArray } from "../../tensor/dtype.ts";
import { writeElements } from "../tensor.ts";
import { LITTLE_ENDIAN } from "./byte-order.ts";

/** Up to this many bytes, copying numbers twice costs less than the view of their bytes that one copy takes. */
const MAX_ROOM_BYTES = 256;

/** Bytes that a stamp has behind its head: room for the numbers, where they are few. */
export function roomFor(dtype: DType, elementsSize: number): number {
  return dtype !== "string" && LITTLE_ENDIAN && elementsSize <= MAX_ROOM_BYTES ? elementsSize : 0;
}

/** What stands before a tensor's elements in a message, to be written again and again. */
export class Stamp {
  readonly #bytes: Buffer;
  /** The end of the bytes, as the numbers that lie there. */
  readonly #numbers: NumericArray | undefined;

  /** Copies `head`; behind it come elements of this dtype and size. */
  constructor(head: Uint8Array, dtype: DType, elementsSize: number) {
    const room = roomFor(dtype, elementsSize);
    // Wherever the memory begins, the numbers lie where their width divides the offset.
    const memory = Buffer.allocUnsafe(head.length + room + 7);
    const start = -(memory.byteOffset + head.length) & 7;
    this.#bytes = memory.subarray(start, start + head.length + room);
    this.#bytes.set(head);
    if (dtype !== "string" && room > 0) {
      const { array } = FIXED_WIDTH[dtype];
      const at = this.#bytes.byteOffset + head.length;
      this.#numbers = new array(memory.buffer, at, room / array.BYTES_PER_ELEMENT);
    }
  }

  /** Writes the head, and these elements behind it. Returns the position behind both. */
  print(target: Buffer, pos: number, data: DataOf<DType>): number {
    if (this.#numbers === undefined) {
      target.set(this.#bytes, pos);
      return writeElements(target, pos + this.#bytes.length, data);
    }
    this.#numbers.set(data as never);
    target.set(this.#bytes, pos);
    return pos + this.#bytes.length;
  }
}
