/**
 * Packed varints into integers of fixed width, several at a time with SIMD: the hot loop of long integer answers.
 * AssemblyScript; `npm run generate` makes generated/kernels/varints.ts of it, src/grpc/wire/varint-kernel.ts uses it.
 *
 * A run comes in pieces: the caller puts bytes at `source`, calls, and takes the values from `values`. What is left of
 * a piece, whatever is malformed, and all errors are for the careful loops of src/grpc/wire/varint-list.ts.
 */

/** Where a piece of the run goes, and how long it may be. */
export const source: usize = 8_192;
export const sourceBytes: usize = 16_384;

/** Where the values are found: one a byte of the source at most. */
export const values: usize = source + sourceBytes;

/** Loads and stores are as wide as this, whatever they are about: nothing starts closer to an end. */
const SLACK: usize = 24;
const MOST_VALUES: usize = 16;

/** By the eight continuation bits of eight bytes: where the bytes of each varint of one or two bytes lie (16 bytes). */
const SHUFFLES: usize = 0;

/** By the same: how many such varints there are, and how many bytes they take (two bytes). */
const COUNTS: usize = 4_096;

/** The bytes that the last call has read. */
let taken: usize = 0;

for (let bits: u32 = 0; bits < 256; bits++) tabulate(bits);

/** Reads the varints of `length` bytes into 64 bits each, `room` of them at most. Returns how many there were. */
export function int64s(length: usize, room: usize): usize {
  const last = source + length - SLACK;
  const lastOut = values + ((room - MOST_VALUES) << 3);
  let at = source;
  let out = values;
  while (at <= last && out <= lastOut) {
    const block = v128.load(at);
    const bits = u32(i8x16.bitmask(block));
    const short = shortOnes(bits & 0xff);
    if (bytesOf(short) >= 7) {
      // Nearly all of what is counted or named by a small number: eight bytes twice, whatever lies in them.
      widen64(pairs(block, bits & 0xff), out);
      out += countOf(short) << 3;
      at += bytesOf(short);
      const next = (bits >>> u32(bytesOf(short))) & 0xff;
      const shorter = shortOnes(next);
      widen64(pairs(v128.load64_zero(at), next), out);
      out += countOf(shorter) << 3;
      at += bytesOf(shorter);
      continue;
    }
    // Three varints that end within sixteen bytes: their ends are found before any of them is read.
    const ends = ~bits & 0xffff;
    const laterEnds = ends & (ends - 1);
    const lastEnds = laterEnds & (laterEnds - 1);
    const first = usize(ctz(ends)) + 1;
    const second = usize(ctz(laterEnds)) + 1;
    const third = usize(ctz(lastEnds)) + 1;
    if (lastEnds !== 0 && (first | (second - first) | (third - second)) <= 8) {
      store<u64>(out, upTo8(at, first));
      store<u64>(out, upTo8(at + first, second - first), 8);
      store<u64>(out, upTo8(at + second, third - second), 16);
      out += 24;
      at += third;
      continue;
    }
    if (first <= 8) {
      store<u64>(out, upTo8(at, first));
      at += first;
    } else {
      if (first > 10) break;
      const behind = u64(load<u16>(at + 8));
      const tenth = (behind >>> 7) & 1;
      store<u64>(out, joined(load<u64>(at)) | ((behind & 0x7f) << 56) | ((tenth & (behind >>> 8)) << 63));
      at += first;
    }
    out += 8;
  }
  taken = at - source;
  return (out - values) >>> 3;
}

/** As {@link int64s}, the lower 32 bits of each. */
export function int32s(length: usize, room: usize): usize {
  const last = source + length - SLACK;
  const lastOut = values + ((room - MOST_VALUES) << 2);
  let at = source;
  let out = values;
  while (at <= last && out <= lastOut) {
    const block = v128.load(at);
    const bits = u32(i8x16.bitmask(block));
    const short = shortOnes(bits & 0xff);
    if (bytesOf(short) >= 7) {
      widen32(pairs(block, bits & 0xff), out);
      out += countOf(short) << 2;
      at += bytesOf(short);
      const next = (bits >>> u32(bytesOf(short))) & 0xff;
      const shorter = shortOnes(next);
      widen32(pairs(v128.load64_zero(at), next), out);
      out += countOf(shorter) << 2;
      at += bytesOf(shorter);
      continue;
    }
    // One varint: the lower 32 bits are in its first five bytes.
    const length = usize(ctz(~bits)) + 1;
    if (length > 10) break;
    store<u32>(out, u32(upTo8(at, min(length, 5))));
    at += length;
    out += 4;
  }
  taken = at - source;
  return (out - values) >>> 2;
}

/** How many bytes the last call has read. */
export function bytesTaken(): usize {
  return taken;
}

/** The entry of {@link COUNTS} for eight continuation bits. */
function shortOnes(bits: u32): u32 {
  return u32(load<u16>(COUNTS + (usize(bits) << 1)));
}

function countOf(short: u32): usize {
  return usize(short & 0xff);
}

function bytesOf(short: u32): usize {
  return usize(short >>> 8);
}

/** The values of the varints of one or two bytes at the start of eight bytes, 16 bits each. */
function pairs(block: v128, bits: u32): v128 {
  const apart = i8x16.swizzle(block, v128.load(SHUFFLES + (usize(bits) << 4)));
  const low = v128.and(apart, i16x8.splat(0x7f));
  return v128.or(low, v128.and(i16x8.shr_u(apart, 1), i16x8.splat(0x3f80)));
}

function widen32(eight: v128, out: usize): void {
  v128.store(out, i32x4.extend_low_i16x8_u(eight));
  v128.store(out, i32x4.extend_high_i16x8_u(eight), 16);
}

function widen64(eight: v128, out: usize): void {
  const low = i32x4.extend_low_i16x8_u(eight);
  const high = i32x4.extend_high_i16x8_u(eight);
  v128.store(out, i64x2.extend_low_i32x4_u(low));
  v128.store(out, i64x2.extend_high_i32x4_u(low), 16);
  v128.store(out, i64x2.extend_low_i32x4_u(high), 32);
  v128.store(out, i64x2.extend_high_i32x4_u(high), 48);
}

/** The varint of `length` bytes, eight at most, that starts at `at`. */
function upTo8(at: usize, length: usize): u64 {
  return joined(load<u64>(at) & (u64.MAX_VALUE >>> ((8 - u64(length)) << 3)));
}

/** Eight groups of seven bits, moved together in three steps. */
function joined(groups: u64): u64 {
  groups = (groups & 0x007f_007f_007f_007f) | ((groups & 0x7f00_7f00_7f00_7f00) >>> 1);
  groups = (groups & 0x0000_3fff_0000_3fff) | ((groups & 0x3fff_0000_3fff_0000) >>> 2);
  return (groups & 0x0000_0000_0fff_ffff) | ((groups & 0x0fff_ffff_0000_0000) >>> 4);
}

/** Fills both tables for eight continuation bits. A varint that does not end in eight bytes, or is longer, ends them. */
function tabulate(bits: u32): void {
  const shuffle = SHUFFLES + (usize(bits) << 4);
  v128.store(shuffle, i8x16.splat(-128));
  let at: u32 = 0;
  let count: u32 = 0;
  while (at < 8) {
    const two = (bits >>> at) & 1;
    if (two !== 0 && (at === 7 || ((bits >>> (at + 1)) & 1) !== 0)) break;
    store<u8>(shuffle + (usize(count) << 1), u8(at));
    if (two !== 0) store<u8>(shuffle + (usize(count) << 1), u8(at + 1), 1);
    at += 1 + two;
    count++;
  }
  store<u16>(COUNTS + (usize(bits) << 1), u16((at << 8) | count));
}
