/** The six bits of each character of the standard alphabet; 255 for all others. */
const SIX_BITS = sixBits();

function sixBits(): Uint8Array {
  const table = new Uint8Array(256).fill(255);
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (let bits = 0; bits < 64; bits++) table[alphabet.charCodeAt(bits)] = bits;
  return table;
}

const PADDING = 61;

/**
 * Decodes base64 characters (standard alphabet, padding optional) from `from` to `to` into `into` at `at`, which needs
 * room for three quarters of them. Returns the position behind the last byte, or -1 for anything that is not base64;
 * Node's own decoder would skip it in silence.
 */
export function decodeBase64(bytes: Uint8Array, from: number, to: number, into: Uint8Array, at: number): number {
  let end = to;
  if (end > from && bytes[end - 1] === PADDING) end--;
  if (end > from && bytes[end - 1] === PADDING) end--;
  if (end !== to && (to - from) % 4 !== 0) return -1;
  const rest = (end - from) % 4;
  if (rest === 1) return -1;
  const whole = end - rest;
  let index = from;
  for (; index < whole; index += 4) {
    const a = SIX_BITS[bytes[index]!]!;
    const b = SIX_BITS[bytes[index + 1]!]!;
    const c = SIX_BITS[bytes[index + 2]!]!;
    const d = SIX_BITS[bytes[index + 3]!]!;
    if ((a | b | c | d) > 63) return -1;
    into[at] = (a << 2) | (b >> 4);
    into[at + 1] = (b << 4) | (c >> 2);
    into[at + 2] = (c << 6) | d;
    at += 3;
  }
  if (rest === 0) return at;
  const a = SIX_BITS[bytes[index]!]!;
  const b = SIX_BITS[bytes[index + 1]!]!;
  const c = rest === 3 ? SIX_BITS[bytes[index + 2]!]! : 0;
  if ((a | b | c) > 63) return -1;
  into[at++] = (a << 2) | (b >> 4);
  if (rest === 3) into[at++] = (b << 4) | (c >> 2);
  return at;
}
