import { isAscii, isUtf8 } from "node:buffer";
import type { StringSource } from "../../tensor/string-source.ts";

/**
 * The elements of a string tensor as they lie in a received message: where each begins and ends. Texts are cut from
 * the message when they are asked for, byte arrays are copied out of it then.
 */
export class StringList implements StringSource {
  readonly #bytes: Buffer;
  /** Begin and end of each element given, in turn. */
  readonly #bounds: Uint32Array;
  readonly #size: number;

  /** `size` may be more than the bounds have: the last element stands for the rest, `""` where there is none. */
  constructor(bytes: Buffer, bounds: Uint32Array, size: number) {
    this.#bytes = bytes;
    this.#bounds = bounds;
    this.#size = size;
  }

  toBytes(): readonly Uint8Array[] {
    const bounds = this.#bounds;
    const count = bounds.length / 2;
    const out = new Array<Uint8Array>(this.#size);
    if (count > 0) {
      // One copy for all of them: the message itself stays ours, and each element costs a view.
      const first = bounds[0] as number;
      const region = Uint8Array.prototype.slice.call(this.#bytes, first, bounds[bounds.length - 1] as number);
      const memory = new Uint8Array(region.buffer, region.byteOffset, region.byteLength);
      for (let index = 0; index < count; index++) {
        out[index] = memory.subarray((bounds[2 * index] as number) - first, (bounds[2 * index + 1] as number) - first);
      }
    }
    for (let index = count; index < out.length; index++) {
      out[index] = count === 0 ? new Uint8Array(0) : (out[count - 1] as Uint8Array).slice();
    }
    return out;
  }

  /** Bytes that are not UTF-8 become U+FFFD. */
  toStrings(): string[] {
    const bytes = this.#bytes;
    const bounds = this.#bounds;
    const count = bounds.length / 2;
    const out = new Array<string>(this.#size);
    if (count > 0) {
      const first = bounds[0] as number;
      const last = bounds[bounds.length - 1] as number;
      const region = bytes.subarray(first, last);
      if (isAscii(region)) {
        // One text for the whole region, cut without looking at it again. Tags and lengths between are ASCII too.
        const text = region.toString("latin1");
        for (let index = 0; index < count; index++) {
          out[index] = text.substring((bounds[2 * index] as number) - first, (bounds[2 * index + 1] as number) - first);
        }
      } else if (count > 1 && isUtf8(region)) {
        cutUtf8(region, bounds, out);
      } else {
        for (let index = 0; index < count; index++) {
          out[index] = bytes.toString("utf8", bounds[2 * index], bounds[2 * index + 1]);
        }
      }
    }
    return out.fill(count === 0 ? "" : (out[count - 1] as string), count);
  }
}

/** One text for a region that is UTF-8 as a whole, cut where the characters of each element begin and end. */
function cutUtf8(region: Buffer, bounds: Uint32Array, out: string[]): void {
  const text = region.toString("utf8");
  const first = bounds[0] as number;
  let at = 0;
  let from = 0;
  for (let index = 0; index < bounds.length; index += 2) {
    const start = (bounds[index] as number) - first;
    const end = (bounds[index + 1] as number) - first;
    from += countUnits(region, at, start);
    const to = from + countUnits(region, start, end);
    out[index / 2] = text.substring(from, to);
    from = to;
    at = end;
  }
}

/** How many UTF-16 units these bytes of UTF-8 become: one for each that begins a character, two for those of four. */
function countUnits(bytes: Buffer, from: number, to: number): number {
  let units = 0;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if ((byte & 0xc0) !== 0x80) units += byte < 0xf0 ? 1 : 2;
  }
  return units;
}
