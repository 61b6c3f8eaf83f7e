/**
 * Lists of JSON numbers into floats, without a branch on how long a number is: the hot loop of long replies over REST.
 * AssemblyScript; `npm run generate` makes generated/kernels/floats.ts of it, src/rest/json/plain-floats.ts uses it.
 *
 * A list comes in pieces: the caller puts bytes at `source`, calls for a place where a number begins, and takes the
 * numbers from `values`. A number counts as read when the next one has been found behind it, in the same piece. Before whatever
 * is not finished for sure (a word, digits that leave a doubt, the end of a list) the kernel stops: that number, and all
 * errors, are for the loop of src/rest/json/read-floats.ts.
 */

/** Where a piece of the list goes, and how long it may be. */
export const source: usize = 1_024;
export const sourceBytes: usize = 16_384;

/** Where the numbers are found: one for two bytes of the source at most. */
export const values: usize = source + sourceBytes;

/**
 * No number starts closer to the end of a piece, and none that is read here is longer, with what lies behind it: white
 * space is followed up to there, too. So what is loaded from behind the end is never believed.
 */
const SLACK: usize = 64;

/** Doubles: powers of ten. From 10^23 on they are not exact, and good for estimates only. */
const TENS: usize = 0;
const TENS_LENGTH: i32 = 64;

/** Whole numbers: the powers of five of those that are exact. */
const FIVES: usize = 512;
const EXACT_LENGTH: i32 = 23;

/** What fills a vector in the hot loop. Constants would be made anew for each number; what is loaded stays. */
const PATTERNS: usize = 704;

const SPACE: u32 = 0x20;
const PLUS: u32 = 0x2b;
const COMMA: u32 = 0x2c;
const MINUS: u32 = 0x2d;
const POINT: u32 = 0x2e;
const ZERO: u32 = 0x30;
const OPEN_LIST: u32 = 0x5b;
const CLOSE_LIST: u32 = 0x5d;
const SMALL_E: u32 = 0x65;

/** `],[`, the first of them in the lowest byte. */
const NEXT_ROW: u32 = 0x5b_2c_5d;

/** Doubles hold all whole numbers below, those of up to fifteen digits. */
const INEXACT_FROM: u64 = 1_000_000_000_000_000;

/** What the last call has read: bytes, ends of rows, numbers of the row behind these. */
let taken: usize = 0;
let rows: u32 = 0;
let column: u32 = 0;

/** What {@link readLong} has found: all digits as one whole number, and the power of ten that goes with it. */
let longDigits: u64 = 0;
let longPower: i32 = 0;

/** What {@link readExponent} has found. */
let exponent: i32 = 0;

/** What {@link assemble} has made. */
let assembled: f64 = 0;

tabulate();

/**
 * Reads numbers from the address `start` to the end of the piece, `room` of them at most. Returns how many.
 *
 * @param rowLength how many numbers a row has: behind so many it goes on in the next list. 0 when rows end the run
 * @param inRow how many numbers of the row were read before
 * @param wide whether they become float64, else float32
 */
export function floats(start: usize, end: usize, room: usize, rowLength: u32, inRow: u32, wide: bool): usize {
  const last = end - SLACK;
  const lastOut = values + room * (wide ? 8 : 4);
  const zeros = v128.load(PATTERNS);
  const nines = v128.load(PATTERNS, 16);
  const points = v128.load(PATTERNS, 32);
  const places = v128.load(PATTERNS, 48);
  const lowBytes = v128.load(PATTERNS, 64);
  const tens = v128.load(PATTERNS, 80);
  const hundreds = v128.load(PATTERNS, 96);
  const tenThousands = v128.load(PATTERNS, 112);
  let from = start;
  let out = values;
  let finished: u32 = 0;
  while (from <= last && out < lastOut) {
    const block = v128.load(from);
    const numerals = i8x16.sub(block, zeros);
    const areDigits = i8x16.le_u(numerals, nines);
    // A bit for each byte that is no digit. Without the sign, the first is the point, if any; then comes the end.
    const minus = u32(u32(load<u8>(from)) === MINUS);
    const others = ~u32(i8x16.bitmask(areDigits)) ^ minus;
    const point = others & -others & u32(i8x16.bitmask(i8x16.eq(block, points)));
    const pointed = u32(point !== 0);
    const wholeEnd = u32(ctz(others));
    const numberEnd = u32(ctz(others ^ point));
    let at = from + usize(numberEnd);
    let byte = u32(load<u8>(at));
    let digits: u64;
    let power: i32;
    let value: f64 = 0;
    if (numberEnd < 16) {
      const zeroInFront = u32(u32(load<u8>(from + usize(minus))) === ZERO) & u32(wholeEnd > minus + 1);
      const noDecimals = pointed & u32(numberEnd === wholeEnd + 1);
      if ((u32(wholeEnd === minus) | zeroInFront | noDecimals) !== 0) break;
      // The digits move together over the point, to the end of the vector.
      const shifted = i8x16.add(places, i8x16.splat(i8(numberEnd - pointed - 16)));
      const origins = i8x16.sub(shifted, i8x16.gt_s(shifted, i8x16.splat(i8(wholeEnd - 1))));
      const aligned = i8x16.swizzle(v128.and(numerals, areDigits), origins);
      // One digit a byte, then two in 16 bits, four in 32, eight in 16 and 16.
      const pairs = i16x8.add(i16x8.mul(v128.and(aligned, lowBytes), tens), i16x8.shr_u(aligned, 8));
      const fours = i32x4.dot_i16x8_s(pairs, hundreds);
      const eights = i32x4.dot_i16x8_s(i16x8.narrow_i32x4_u(fours, fours), tenThousands);
      const both = u64(i64x2.extract_lane(eights, 0));
      digits = (both & 0xffff_ffff) * 100_000_000 + (both >>> 32);
      const decimals = (numberEnd - wholeEnd - 1) & -pointed;
      // Of up to fifteen digits both sides are exact, so the quotient is rounded once.
      value = f64(i64(digits)) / power10(decimals);
      power = -i32(decimals);
    } else {
      at = readLong(from + usize(minus), last);
      if (at === 0) break;
      digits = longDigits;
      power = longPower;
      byte = u32(load<u8>(at));
      if ((byte | SPACE) !== SMALL_E) {
        if (!assemble(digits, power, wide)) break;
        value = assembled;
      }
    }
    let nextInRow = inRow + 1;
    if (byte === COMMA) at++;
    else {
      if ((byte | SPACE) === SMALL_E) {
        at = readExponent(at + 1);
        if (at === 0 || !assemble(digits, power + exponent, wide)) break;
        value = assembled;
        byte = u32(load<u8>(at));
      }
      if (byte <= SPACE) {
        at = skipSpace(at, last);
        byte = u32(load<u8>(at));
      }
      if (byte === COMMA) at++;
      else {
        if (byte !== CLOSE_LIST || nextInRow !== rowLength) break;
        if ((load<u32>(at) & 0xff_ffff) === NEXT_ROW) at += 3;
        else {
          at = intoNextRow(at + 1, last);
          if (at === 0) break;
        }
        nextInRow = 0;
      }
    }
    byte = u32(load<u8>(at));
    if (!begins(byte)) {
      // One space at most is what rows are written with, and is stepped over without a loop.
      if (byte === SPACE) byte = u32(load<u8>(++at));
      if (byte <= SPACE) {
        at = skipSpace(at, last);
        byte = u32(load<u8>(at));
      }
      if (!begins(byte)) break;
    }
    value = reinterpret<f64>(reinterpret<u64>(value) | (u64(minus) << 63));
    if (wide) {
      store<f64>(out, value);
      out += 8;
    } else {
      store<f32>(out, f32(value));
      out += 4;
    }
    inRow = nextInRow;
    finished += u32(inRow === 0);
    from = at;
  }
  taken = from - start;
  rows = finished;
  column = inRow;
  return (out - values) / (wide ? 8 : 4);
}

/** How many bytes the last call has read. */
export function bytesTaken(): usize {
  return taken;
}

/** How many rows the last call has gone on from. */
export function rowsTaken(): u32 {
  return rows;
}

/** How many numbers are read of the row in which the last call stopped. */
export function readInRow(): u32 {
  return column;
}

/**
 * Reads the digits of a number of any length, from behind its sign. Returns where they end; 0 when they are for the
 * careful loop.
 */
function readLong(at: usize, last: usize): usize {
  const start = at;
  let digits: u64 = 0;
  let byte = u32(load<u8>(at));
  for (; isDigit(byte) && at - start < 20; byte = u32(load<u8>(++at))) digits = digits * 10 + u64(byte - ZERO);
  const whole = at - start;
  if (whole === 0 || (whole > 1 && u32(load<u8>(start)) === ZERO)) return 0;
  let significant: usize = digits === 0 ? 0 : whole;
  longPower = 0;
  if (byte === POINT) {
    const point = ++at;
    if (significant === 0) while (u32(load<u8>(at)) === ZERO && at < last) at++;
    const first = at;
    while (at - first < 16) {
      const eight = load<u64>(at) ^ 0x3030_3030_3030_3030;
      if (((eight | (eight + 0x0606_0606_0606_0606)) & 0xf0f0_f0f0_f0f0_f0f0) !== 0) break;
      digits = digits * 100_000_000 + wholeOf(eight);
      at += 8;
    }
    byte = u32(load<u8>(at));
    for (; isDigit(byte) && at - first < 20; byte = u32(load<u8>(++at))) digits = digits * 10 + u64(byte - ZERO);
    if (at === point) return 0;
    significant += at - first;
    longPower = i32(point) - i32(at);
  }
  longDigits = digits;
  // More of them do not fit.
  return significant > 19 ? 0 : at;
}

/** The number that eight digits stand for, the first one in the lowest byte. */
function wholeOf(digits: u64): u64 {
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff_00ff_00ff_00ff;
  const fours = (pairs * 100 + (pairs >>> 16)) & 0x0000_ffff_0000_ffff;
  return (fours * 10_000 + (fours >>> 32)) & 0xffff_ffff;
}

/** Reads what stands behind the `e` of a number. Returns where it ends, 0 when that is for the careful loop. */
function readExponent(at: usize): usize {
  let byte = u32(load<u8>(at));
  const isDown = byte === MINUS;
  if (isDown || byte === PLUS) byte = u32(load<u8>(++at));
  const first = at;
  let stated = 0;
  for (; isDigit(byte) && at - first < 4; byte = u32(load<u8>(++at))) stated = stated * 10 + i32(byte - ZERO);
  exponent = isDown ? -stated : stated;
  return at === first ? 0 : at;
}

/** Makes `digits` times ten to the `power`, correctly rounded; false when that leaves a doubt. */
function assemble(digits: u64, power: i32, wide: bool): bool {
  const size = power < 0 ? -power : power;
  if (size >= TENS_LENGTH) return false;
  const isExact = digits < INEXACT_FROM && size < EXACT_LENGTH;
  assembled = power < 0 ? f64(digits) / power10(size) : f64(digits) * power10(size);
  if (isExact) return true;
  return wide ? size === 0 || (power < 0 && size < EXACT_LENGTH && correct(digits, size)) : isClear(assembled);
}

/** Whether a value, wrong by one part in 10^14 at most, makes the right float32 all the same. */
function isClear(value: f64): bool {
  const low = f32(value * (1 - 2e-14));
  const high = f32(value * (1 + 2e-14));
  return low === high && high <= f32.MAX_VALUE;
}

/**
 * Makes the double nearest to `digits / 10^power` out of the quotient of rounded ones, which is one or two units off at
 * most. For that quotient, m * 2^e, what is missing is counted in units of 1 / 5^power: digits / 2^(e + power) less
 * m * 5^power. It is small, so 64 bits hold it, whatever both sides have lost at the top. False next to a power of two,
 * where the units change.
 */
function correct(digits: u64, power: u32): bool {
  const bits = reinterpret<u64>(assembled);
  const fraction = bits & 0x000f_ffff_ffff_ffff;
  const shift = 1075 - i32(bits >>> 52) - i32(power);
  if (shift < 0 || ((fraction + 8) & 0x000f_ffff_ffff_ffff) < 16) return false;
  const unit = load<i64>(FIVES + (usize(power) << 3));
  let missing = i64(digits << u64(shift)) - i64(fraction | 0x0010_0000_0000_0000) * unit;
  let units: i64 = 0;
  // Powers of five are odd: nothing lies half-way.
  for (; 2 * missing > unit; missing -= unit) units++;
  for (; 2 * missing < -unit; missing += unit) units--;
  assembled = reinterpret<f64>(bits + u64(units));
  return true;
}

/** Where the white space at a place ends, or anywhere behind `last`. */
function skipSpace(at: usize, last: usize): usize {
  while (at <= last && isSpace(u32(load<u8>(at)))) {
    // Spaces come in numbers behind a line break.
    const spaces = i8x16.bitmask(i8x16.eq(v128.load(at + 1), i8x16.splat(i8(SPACE))));
    at += 1 + usize(ctz(~u32(spaces)));
  }
  return at;
}

function isSpace(byte: u32): bool {
  return byte === SPACE || byte === 10 || byte === 13 || byte === 9;
}

function isDigit(byte: u32): bool {
  return byte - ZERO < 10;
}

/** Whether a number may begin with this byte. */
function begins(byte: u32): bool {
  return (u32(isDigit(byte)) | u32(byte === MINUS)) !== 0;
}

/** From behind the end of a list into the next one; 0 when something else comes. */
function intoNextRow(at: usize, last: usize): usize {
  at = skipSpace(at, last);
  if (u32(load<u8>(at)) !== COMMA) return 0;
  at = skipSpace(at + 1, last);
  return u32(load<u8>(at)) === OPEN_LIST ? at + 1 : 0;
}

function power10(power: u32): f64 {
  return load<f64>(TENS + (usize(power) << 3));
}

function tabulate(): void {
  let ten: f64 = 1;
  let five: u64 = 1;
  for (let power: i32 = 0; power < TENS_LENGTH; power++) {
    store<f64>(TENS + (usize(power) << 3), ten);
    ten *= 10;
    if (power < EXACT_LENGTH) store<u64>(FIVES + (usize(power) << 3), five);
    five *= 5;
  }
  v128.store(PATTERNS, i8x16.splat(i8(ZERO)));
  v128.store(PATTERNS, i8x16.splat(9), 16);
  v128.store(PATTERNS, i8x16.splat(i8(POINT)), 32);
  v128.store(PATTERNS, i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), 48);
  v128.store(PATTERNS, i16x8.splat(0xff), 64);
  v128.store(PATTERNS, i16x8.splat(10), 80);
  v128.store(PATTERNS, i16x8(100, 1, 100, 1, 100, 1, 100, 1), 96);
  v128.store(PATTERNS, i16x8(10_000, 1, 10_000, 1, 10_000, 1, 10_000, 1), 112);
}
