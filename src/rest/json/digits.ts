/** Digits of 0000 to 9999, four bytes each: numbers are written four digits at a time from here. */
const FOUR_DIGITS = fourDigits();

function fourDigits(): Uint8Array {
  const table = new Uint8Array(40_000);
  for (let number = 0; number < 10_000; number++) {
    table[number * 4] = 48 + Math.floor(number / 1000);
    table[number * 4 + 1] = 48 + (Math.floor(number / 100) % 10);
    table[number * 4 + 2] = 48 + (Math.floor(number / 10) % 10);
    table[number * 4 + 3] = 48 + (number % 10);
  }
  return table;
}

/** Writes the decimal digits of a whole number below 2^31 at `at`. Returns the position behind them. */
export function putInt31(bytes: Uint8Array, at: number, value: number): number {
  if (value >= 10_000) {
    const high = (value / 10_000) | 0;
    return putFour(bytes, putInt31(bytes, at, high), value - high * 10_000);
  }
  const digit = value * 4;
  if (value >= 1000) bytes[at++] = FOUR_DIGITS[digit]!;
  if (value >= 100) bytes[at++] = FOUR_DIGITS[digit + 1]!;
  if (value >= 10) bytes[at++] = FOUR_DIGITS[digit + 2]!;
  bytes[at++] = FOUR_DIGITS[digit + 3]!;
  return at;
}

/** Writes a whole number below 2^31 in exactly `width` digits, zeros in front. */
export function putPadded(bytes: Uint8Array, at: number, value: number, width: number): number {
  const end = at + width;
  let tail = end;
  while (tail - at >= 4) {
    const high = (value / 10_000) | 0;
    putFour(bytes, tail - 4, value - high * 10_000);
    value = high;
    tail -= 4;
  }
  while (tail > at) {
    const high = (value / 10) | 0;
    bytes[--tail] = 48 + value - high * 10;
    value = high;
  }
  return end;
}

/** The same digits as words, for {@link putEight}. */
const FOUR_DIGIT_WORDS = fourDigitWords();

function fourDigitWords(): Uint32Array {
  const view = new DataView(FOUR_DIGITS.buffer);
  const words = new Uint32Array(10_000);
  for (let number = 0; number < 10_000; number++) words[number] = view.getUint32(number * 4, true);
  return words;
}

/** Writes a whole number below 10^8 in eight digits, zeros in front, through a view of the same bytes. */
export function putEight(words: DataView, at: number, value: number): void {
  const high = (value / 10_000) | 0;
  words.setUint32(at, FOUR_DIGIT_WORDS[high]!, true);
  words.setUint32(at + 4, FOUR_DIGIT_WORDS[value - high * 10_000]!, true);
}

/** Writes the digits of a whole number up to 2^53. */
export function putSafeInteger(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0x8000_0000) return putInt31(bytes, at, value);
  const high = Math.floor(value / 1e8);
  return putPadded(bytes, putInt31(bytes, at, high), value - high * 1e8, 8);
}

/** Writes text of ASCII characters. */
export function putAscii(bytes: Uint8Array, at: number, text: string): number {
  for (let index = 0; index < text.length; index++) bytes[at++] = text.charCodeAt(index);
  return at;
}

function putFour(bytes: Uint8Array, at: number, value: number): number {
  const digit = value * 4;
  bytes[at] = FOUR_DIGITS[digit]!;
  bytes[at + 1] = FOUR_DIGITS[digit + 1]!;
  bytes[at + 2] = FOUR_DIGITS[digit + 2]!;
  bytes[at + 3] = FOUR_DIGITS[digit + 3]!;
  return at + 4;
}
