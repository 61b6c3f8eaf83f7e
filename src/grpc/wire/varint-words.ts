import { readInt32s, readInt64s } from "./varint-list.ts";

/**
 * The loops of varint-list.ts for long lists, a word of four bytes at a time. Nearly all ids and labels take one or two
 * bytes, in no order that a processor could foresee: those are told apart by arithmetic, two from a word, since a
 * branch guessed wrong costs more than both. Whatever is left at the end, does not fit or is malformed is for the
 * careful loops, which these end with.
 */

/** One varint has ten bytes at most, and they are looked at in two words and two bytes. */
const LONGEST = 12;

/** From here on a view of the bytes costs less than it saves. */
const LONG_BYTES = 128;

/** The bits of a word that say whether a byte is followed by another one of its varint. */
const ALL_FOUR = 0x80808080 | 0;

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
  if (end - pos < LONG_BYTES) return readInt64s(bytes, pos, end, words, index, limit, lowWord);
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const last = end - LONGEST;
  // Four varints in a word are the most.
  const stop = 2 * limit + lowWord - 6;
  const highOffset = lowWord === 0 ? 1 : -1;
  let at = 2 * index + lowWord;
  while (pos <= last && at < stop) {
    const word = view.getInt32(pos, true);
    const more = word & ALL_FOUR;
    if (more === 0) {
      words[at] = word & 0x7f;
      words[at + 2] = (word >>> 8) & 0x7f;
      words[at + 4] = (word >>> 16) & 0x7f;
      words[at + 6] = word >>> 24;
      at += 8;
      pos += 4;
      continue;
    }
    if ((more & 0x8080) !== 0x8080) {
      const first = (word >>> 7) & 1;
      words[at] = (word & 0x7f) | ((word >>> 1) & 0x3f80 & -first);
      pos += 1 + first;
      const rest = word >>> (8 << first);
      if ((rest & 0x8080) !== 0x8080) {
        const second = (rest >>> 7) & 1;
        at += 2;
        words[at] = (rest & 0x7f) | ((rest >>> 1) & 0x3f80 & -second);
        pos += 1 + second;
      }
    } else if ((more & 0x80_0000) === 0) {
      words[at] = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000);
      pos += 3;
    } else {
      const low = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000) | ((word >>> 3) & 0xfe0_0000);
      if (more >= 0) {
        words[at] = low;
        pos += 4;
      } else {
        const next = view.getInt32(pos + 4, true);
        // The array came zeroed: the high word of a small value is never touched.
        let high = (next >>> 4) & 0x7;
        if ((next & 0x80) === 0) pos += 5;
        else {
          high |= (next >>> 5) & 0x3f8;
          if ((next & 0x8000) === 0) pos += 6;
          else {
            high |= (next >>> 6) & 0x1_fc00;
            if ((next & 0x80_0000) === 0) pos += 7;
            else {
              high |= (next >>> 7) & 0xfe_0000;
              if (next >= 0) pos += 8;
              else {
                const ninth = view.getUint8(pos + 8);
                high |= (ninth & 0x7f) << 24;
                if (ninth < 0x80) pos += 9;
                else {
                  const tenth = view.getUint8(pos + 9);
                  if (tenth >= 0x80) break;
                  high |= tenth << 31;
                  pos += 10;
                }
              }
            }
          }
        }
        words[at] = low | (next << 28);
        words[at + highOffset] = high;
      }
    }
    at += 2;
  }
  return readInt64s(bytes, pos, end, words, (at - lowWord) / 2, limit, lowWord);
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
  if (end - pos < LONG_BYTES) return readInt32s(bytes, pos, end, out, index, limit);
  const view = new DataView(bytes.buffer, bytes.byteOffset, end);
  const last = end - LONGEST;
  const stop = limit - 3;
  while (pos <= last && index < stop) {
    const word = view.getInt32(pos, true);
    const more = word & ALL_FOUR;
    if (more === 0) {
      out[index] = word & 0x7f;
      out[index + 1] = (word >>> 8) & 0x7f;
      out[index + 2] = (word >>> 16) & 0x7f;
      out[index + 3] = word >>> 24;
      index += 4;
      pos += 4;
      continue;
    }
    if ((more & 0x8080) !== 0x8080) {
      const first = (word >>> 7) & 1;
      out[index] = (word & 0x7f) | ((word >>> 1) & 0x3f80 & -first);
      pos += 1 + first;
      const rest = word >>> (8 << first);
      if ((rest & 0x8080) !== 0x8080) {
        const second = (rest >>> 7) & 1;
        index++;
        out[index] = (rest & 0x7f) | ((rest >>> 1) & 0x3f80 & -second);
        pos += 1 + second;
      }
    } else if ((more & 0x80_0000) === 0) {
      out[index] = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000);
      pos += 3;
    } else {
      const low = (word & 0x7f) | ((word >>> 1) & 0x3f80) | ((word >>> 2) & 0x1f_c000) | ((word >>> 3) & 0xfe0_0000);
      if (more >= 0) {
        out[index] = low;
        pos += 4;
      } else {
        const next = view.getInt32(pos + 4, true);
        if ((next & 0x80) === 0) pos += 5;
        else if ((next & ALL_FOUR) === ALL_FOUR && (view.getUint16(pos + 8, true) & 0x8080) === 0x80) {
          // Ten bytes, as every negative number takes.
          pos += 10;
        } else break;
        out[index] = low | (next << 28);
      }
    }
    index++;
  }
  return readInt32s(bytes, pos, end, out, index, limit);
}
