/** What a byte does to the remainder, for the Castagnoli polynomial with its bits turned around. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0x82f63b78 : 0);
  return remainder >>> 0;
});

/** Masked, so that the checksum of bytes that hold checksums is a good one too. */
const MASK_DELTA = 0xa282ead8;

/**
 * The checksum of a TFRecord file: CRC-32C, turned by 15 bits and shifted by a constant.
 *
 * @see tensorflow/core/lib/hash/crc32c.h Mask
 */
export function maskedCrc32c(bytes: Uint8Array): number {
  let remainder = 0xffffffff;
  for (let at = 0; at < bytes.length; at++) {
    remainder = (remainder >>> 8) ^ (TABLE[(remainder ^ (bytes[at] as number)) & 0xff] as number);
  }
  const crc = ~remainder >>> 0;
  return (((crc >>> 15) | (crc << 17)) + MASK_DELTA) >>> 0;
}
