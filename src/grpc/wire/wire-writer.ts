/** A request as grpc-js frames it: a Buffer, or anything that can write itself into one. */
export interface OutgoingMessage {
  readonly length: number;
  /** Writes all of it to `target` from `offset` on. */
  copy(target: Buffer, offset: number): number;
}

/** Wraps what a generated `encode` returned, without a copy. */
export function toOutgoing(bytes: Uint8Array): OutgoingMessage {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of an unsigned varint; up to 2^53-1. */
export function sizeOfVarint(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  if (value < 0x1000_0000) return 4;
  let size = 5;
  for (let rest = value / 0x8_0000_0000; rest >= 1; rest /= 0x80) size++;
  return size;
}

/** Writes an unsigned varint, up to 2^53-1. Returns the position behind it. */
export function writeVarint(target: Buffer, pos: number, value: number): number {
  while (value >= 0x1_0000_0000) {
    // Beyond 32 bits `%` and a division, since `&` and `>>>` would cut the value.
    target[pos++] = (value % 0x80) | 0x80;
    value = Math.floor(value / 0x80);
  }
  while (value >= 0x80) {
    target[pos++] = (value & 0x7f) | 0x80;
    value >>>= 7;
  }
  target[pos++] = value;
  return pos;
}

/** Bytes of the varint of two 32-bit words, both unsigned. */
export function sizeOfWords(low: number, high: number): number {
  if (high === 0) return sizeOfVarint(low);
  if (high < 0x8) return 5;
  if (high < 0x400) return 6;
  if (high < 0x2_0000) return 7;
  if (high < 0x100_0000) return 8;
  if (high < 0x8000_0000) return 9;
  return 10;
}

/** Writes the varint of two 32-bit words, both unsigned. */
export function writeWords(target: Buffer, pos: number, low: number, high: number): number {
  while (high !== 0) {
    target[pos++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  return writeVarint(target, pos, low);
}

/** Bytes of a text in UTF-8. */
export function sizeOfText(text: string): number {
  if (text.length > 32) return Buffer.byteLength(text);
  for (let index = 0; index < text.length; index++) {
    if (text.charCodeAt(index) >= 0x80) return Buffer.byteLength(text);
  }
  return text.length;
}

/** Writes a text of `size` bytes in UTF-8. */
export function writeText(target: Buffer, pos: number, text: string, size: number): number {
  if (size === text.length && size <= 32) {
    // A short ASCII text by hand costs less than the call into native code.
    for (let index = 0; index < size; index++) target[pos + index] = text.charCodeAt(index);
    return pos + size;
  }
  return pos + target.write(text, pos, size, "utf8");
}

/** Bytes of a length-delimited field with a one-byte tag around `size` bytes. */
export function sizeOfField(size: number): number {
  return 1 + sizeOfVarint(size) + size;
}

/** Writes a one-byte tag and the length of what follows it. */
export function writeHead(target: Buffer, pos: number, tag: number, size: number): number {
  target[pos] = tag;
  return writeVarint(target, pos + 1, size);
}
