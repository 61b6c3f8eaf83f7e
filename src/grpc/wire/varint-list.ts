import { WireFault } from "./wire-fault.ts";

/**
 * A run of packed varints and where its values go: from `index` of the result on, at most up to `limit`. The loops
 * below return the index behind the last value. They are the hot path of every integer answer: the count is not taken
 * beforehand (that costs as much as the decoding), and bytes beyond the run read as 0 and are noticed at its end.
 */
const OVERLONG = "a varint is longer than 10 bytes";
const TRUNCATED = "the list ends inside a varint";

/** More values than the shape has room for: TensorFlow would drop them, but such a reply contradicts itself. */
export function surplus(limit: number): WireFault {
  return new WireFault(`holds more values than the shape, which has room for ${limit}`);
}

/** `int64_val`, `uint64_val`: two 32-bit words an element, the low one at `2 * index + lowWord`. No BigInt is made. */
export function readInt64s(
  bytes: Buffer,
  pos: number,
  end: number,
  words: Int32Array,
  index: number,
  limit: number,
  lowWord: 0 | 1,
): number {
  let at = 2 * index + lowWord;
  const stop = 2 * limit + lowWord;
  const highOffset = lowWord === 0 ? 1 : -1;
  while (pos < end) {
    if (at === stop) throw surplus(limit);
    let byte = bytes[pos++] as number;
    if (byte < 0x80) {
      words[at] = byte;
      words[at + highOffset] = 0;
      at += 2;
      continue;
    }
    let low = byte & 0x7f;
    let high = 0;
    byte = bytes[pos++] as number;
    low |= (byte & 0x7f) << 7;
    if (byte >= 0x80) {
      byte = bytes[pos++] as number;
      low |= (byte & 0x7f) << 14;
      if (byte >= 0x80) {
        byte = bytes[pos++] as number;
        low |= (byte & 0x7f) << 21;
        if (byte >= 0x80) {
          byte = bytes[pos++] as number;
          low |= (byte & 0x7f) << 28;
          high = (byte & 0x7f) >> 4;
          for (let shift = 3; byte >= 0x80; shift += 7) {
            if (shift > 31) throw new WireFault(OVERLONG);
            byte = bytes[pos++] as number;
            high |= (byte & 0x7f) << shift;
          }
        }
      }
    }
    words[at] = low;
    words[at + highOffset] = high;
    at += 2;
  }
  if (pos !== end) throw new WireFault(TRUNCATED);
  return (at - lowWord) / 2;
}

/** `int_val`, `uint32_val`, `half_val`: the lower 32 bits of each, stored as the array stores them. */
export function readInt32s(
  bytes: Buffer,
  pos: number,
  end: number,
  out: Int32Array | Uint32Array,
  index: number,
  limit: number,
): number {
  while (pos < end) {
    if (index === limit) throw surplus(limit);
    let byte = bytes[pos++] as number;
    if (byte < 0x80) {
      out[index++] = byte;
      continue;
    }
    let value = byte & 0x7f;
    byte = bytes[pos++] as number;
    value |= (byte & 0x7f) << 7;
    if (byte >= 0x80) {
      byte = bytes[pos++] as number;
      value |= (byte & 0x7f) << 14;
      if (byte >= 0x80) {
        byte = bytes[pos++] as number;
        value |= (byte & 0x7f) << 21;
        if (byte >= 0x80) {
          byte = bytes[pos++] as number;
          value |= (byte & 0x7f) << 28;
          for (let more = 5; byte >= 0x80; more++) {
            if (more === 10) throw new WireFault(OVERLONG);
            byte = bytes[pos++] as number;
          }
        }
      }
    }
    out[index++] = value;
  }
  if (pos !== end) throw new WireFault(TRUNCATED);
  return index;
}

/** Integers of 8 and 16 bits: as {@link readInt32s}, and each value must fit, since nothing may be cut silently. */
export function readNarrow(
  bytes: Buffer,
  pos: number,
  end: number,
  out: Int8Array | Uint8Array | Int16Array | Uint16Array,
  index: number,
  limit: number,
): number {
  const bits = 8 * out.BYTES_PER_ELEMENT;
  const signed = out instanceof Int8Array || out instanceof Int16Array;
  const least = signed ? -(2 ** (bits - 1)) : 0;
  const most = signed ? 2 ** (bits - 1) - 1 : 2 ** bits - 1;
  while (pos < end) {
    if (index === limit) throw surplus(limit);
    let byte = bytes[pos++] as number;
    let value = byte & 0x7f;
    if (byte >= 0x80) {
      byte = bytes[pos++] as number;
      value |= (byte & 0x7f) << 7;
      if (byte >= 0x80) {
        byte = bytes[pos++] as number;
        value |= (byte & 0x7f) << 14;
        let shift = 21;
        for (let more = 3; byte >= 0x80; more++) {
          if (more === 10) throw new WireFault(OVERLONG);
          byte = bytes[pos++] as number;
          if (shift < 32) value |= (byte & 0x7f) << shift;
          shift += 7;
        }
      }
    }
    if (value < least || value > most) throw new WireFault(`${value} is not between ${least} and ${most}`);
    out[index++] = value;
  }
  if (pos !== end) throw new WireFault(TRUNCATED);
  return index;
}

/** `bool_val`: anything but 0 is true. */
export function readBools(
  bytes: Buffer,
  pos: number,
  end: number,
  out: Uint8Array,
  index: number,
  limit: number,
): number {
  while (pos < end) {
    if (index === limit) throw surplus(limit);
    let byte = bytes[pos++] as number;
    let bits = byte & 0x7f;
    for (let more = 1; byte >= 0x80; more++) {
      if (more === 10) throw new WireFault(OVERLONG);
      byte = bytes[pos++] as number;
      bits |= byte & 0x7f;
    }
    out[index++] = bits === 0 ? 0 : 1;
  }
  if (pos !== end) throw new WireFault(TRUNCATED);
  return index;
}
