import { isAscii } from "node:buffer";
import { WireFault } from "./wire-fault.ts";

/** The wire types of protobuf: the lower three bits of a tag. */
export const VARINT = 0;
export const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;
const START_GROUP = 3;
const END_GROUP = 4;

/** Groups inside groups: the one thing in here that can nest without bounds. */
const MAX_GROUP_DEPTH = 100;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Short texts that were met before, by a hash of their bytes. Names of models, signatures and outputs come again in
 * every reply: to recognise one costs a fifth of making it anew.
 */
const MAX_KNOWN_TEXT = 32;
const knownTexts: string[] = new Array<string>(256).fill("");

function knownText(bytes: Buffer, start: number, end: number): string {
  let hash = end - start;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  const slot = (hash ^ (hash >>> 16)) & 0xff;
  const known = knownTexts[slot] as string;
  if (known.length === end - start) {
    let at = start;
    // Only ASCII compares equal: a byte of 0x80 and more stands for itself in no UTF-8 text.
    while (at < end && (bytes[at] as number) < 0x80 && known.charCodeAt(at - start) === bytes[at]) at++;
    if (at === end) return known;
  }
  const text = decodeText(bytes, start, end);
  knownTexts[slot] = text;
  return text;
}

function decodeText(bytes: Buffer, start: number, end: number): string {
  const region = bytes.subarray(start, end);
  if (isAscii(region)) return region.toString("latin1");
  try {
    return strictUtf8.decode(region);
  } catch {
    throw new WireFault("a text is not UTF-8");
  }
}

/**
 * A cursor over the bytes of one received message. Everything it is told by them is checked against `end`, the end
 * of the innermost open message, before it is used.
 *
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export class WireReader {
  readonly bytes: Buffer;
  pos = 0;
  end: number;
  /** The upper 32 bits of the last {@link varint}. */
  high = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.end = bytes.length;
  }

  /** Field number and wire type of the next field, as one number. */
  tag(): number {
    const first = this.bytes[this.pos] as number;
    if (first < 0x80 && first > 7) {
      this.pos++;
      return first;
    }
    const tag = this.varint();
    if (this.high !== 0) throw new WireFault("a tag is larger than 32 bits");
    if (tag < 8) throw new WireFault("field number 0 is not allowed");
    return tag;
  }

  /** The lower 32 bits of a varint, unsigned; the upper ones are left in `high`. */
  varint(): number {
    const { bytes, end } = this;
    let pos = this.pos;
    if (pos < end && (bytes[pos] as number) < 0x80) {
      this.pos = pos + 1;
      this.high = 0;
      return bytes[pos] as number;
    }
    let low = 0;
    let high = 0;
    for (let index = 0; index < 10; index++) {
      if (pos >= end) throw new WireFault("the message ends inside a varint");
      const byte = bytes[pos++] as number;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index === 4) {
        low |= bits << 28;
        high = bits >>> 4;
      } else high |= bits << (7 * index - 32);
      if (byte < 0x80) {
        this.pos = pos;
        this.high = high >>> 0;
        return low >>> 0;
      }
    }
    throw new WireFault("a varint is longer than 10 bytes");
  }

  /** A signed 64-bit varint: a number while it is a safe integer, a bigint beyond. */
  int64(): number | bigint {
    const low = this.varint();
    const high = this.high | 0;
    if (high >= -0x20_0000 && high < 0x20_0000) {
      const value = high * 0x1_0000_0000 + low;
      if (Number.isSafeInteger(value)) return value;
    }
    return (BigInt(high) << 32n) | BigInt(low);
  }

  float(): number {
    if (this.end - this.pos < 4) throw new WireFault("the message ends inside a float");
    const value = this.bytes.readFloatLE(this.pos);
    this.pos += 4;
    return value;
  }

  /** The length of what follows, which is all there. */
  length(): number {
    const length = this.varint();
    const left = this.end - this.pos;
    if (this.high !== 0 || length > left) {
      const claimed = this.high === 0 ? String(length) : "over 4 GiB of";
      throw new WireFault(`a field claims ${claimed} bytes where ${left} are left`);
    }
    return length;
  }

  /** Enters a length-delimited message; hands back the end to give to {@link leave}. */
  enter(): number {
    const length = this.length();
    const outer = this.end;
    this.end = this.pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.pos = this.end;
    this.end = outer;
  }

  /** A `string` field, which protobuf wants to be UTF-8. */
  string(): string {
    const length = this.length();
    const start = this.pos;
    this.pos = start + length;
    return length <= MAX_KNOWN_TEXT ? knownText(this.bytes, start, this.pos) : decodeText(this.bytes, start, this.pos);
  }

  /**
   * Passes over a field this library does not use. `known` has a bit for each field number that it does: one of those
   * with another wire type than the schema's is refused instead of ignored.
   */
  skip(tag: number, known = 0, depth = 0): void {
    const field = tag >>> 3;
    const wireType = tag & 7;
    if (field < 32 && (known & (1 << field)) !== 0) throw new WireFault(`field ${field} has wire type ${wireType}`);
    switch (wireType) {
      case VARINT:
        this.varint();
        return;
      case FIXED64:
        this.advance(8);
        return;
      case LENGTH_DELIMITED:
        this.advance(this.length());
        return;
      case FIXED32:
        this.advance(4);
        return;
      case START_GROUP:
        this.skipGroup(field, depth + 1);
        return;
      default:
        throw new WireFault(`field ${field} has wire type ${wireType}`);
    }
  }

  private skipGroup(field: number, depth: number): void {
    if (depth > MAX_GROUP_DEPTH) throw new WireFault(`groups are nested deeper than ${MAX_GROUP_DEPTH}`);
    while (this.pos < this.end) {
      const tag = this.tag();
      if ((tag & 7) !== END_GROUP) this.skip(tag, 0, depth);
      else if (tag >>> 3 === field) return;
      else throw new WireFault(`group ${field} ends as group ${tag >>> 3}`);
    }
    throw new WireFault(`group ${field} does not end`);
  }

  private advance(count: number): void {
    if (count > this.end - this.pos) throw new WireFault("the message ends inside a field");
    this.pos += count;
  }
}
