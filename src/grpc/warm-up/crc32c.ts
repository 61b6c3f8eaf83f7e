/**
 * What a byte does to the remainder, for the Castagnoli polynomial with its bits turned around; and from there on the same
 * with one to seven bytes of zeros behind it, so that eight bytes are taken at a time.
 */
const TABLE = makeTable();

function makeTable(): Uint32Array {
  const table = new Uint32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let remainder = byte;
    for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
    table[byte] = remainder;
  }
  for (let at = 256; at < table.length; at++) {
    const before = table[at - 256] as number;
    table[at] = (before >>> 8) ^ (table[before & 0xff] as number);
  }
  return table;
}

function of(index: number): number {
  return TABLE[index] as number;
}

/** Masked, so that the checksum of bytes that hold checksums is a good one too. */
const MASK_DELTA = 0xa282ead8;

/**
 * The checksum of a TFRecord file: CRC-32C, turned by 15 bits and shifted by a constant.
 *
 * @see tensorflow/core/lib/hash/crc32c.h Mask
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  const byte = (at: number) => bytes[at] as number;
  let remainder = 0xffffffff;
  let at = 0;
  for (; at + 8 <= bytes.length; at += 8) {
    const word = remainder ^ (byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24));
    remainder =
      of(0x700 + (word & 0xff)) ^
      of(0x600 + ((word >>> 8) & 0xff)) ^
      of(0x500 + ((word >>> 16) & 0xff)) ^
      of(0x400 + (word >>> 24)) ^
      of(0x300 + byte(at + 4)) ^
      of(0x200 + byte(at + 5)) ^
      of(0x100 + byte(at + 6)) ^
      of(byte(at + 7));
  }
  for (; at < bytes.length; at++) remainder = (remainder >>> 8) ^ of((remainder ^ byte(at)) & 0xff);
  const crc = ~remainder >>> 0;
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
