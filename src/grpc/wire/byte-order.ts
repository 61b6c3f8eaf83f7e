import { endianness } from "node:os";

/** Whether this machine stores numbers as the wire does. */
export const LITTLE_ENDIAN = endianness() === "LE";

/** Turns numbers of `width` bytes around, in place: what a big-endian machine needs on both ways. */
export function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}
