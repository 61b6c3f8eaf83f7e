import { quote } from "../../internal/quote.ts";

/** One character behind a backslash, and the byte it stands for. */
const SIMPLE: Readonly<Record<string, number>> = {
  a: 7,
  b: 8,
  f: 12,
  n: 10,
  r: 13,
  t: 9,
  v: 11,
  "?": 63,
  "\\": 92,
  "'": 39,
  '"': 34,
};

const OCTAL = /[0-7]{1,3}/y;
const HEX = /[0-9a-fA-F]{1,2}/y;
const FOUR = /[0-9a-fA-F]{4}/y;
const EIGHT = /[0-9a-fA-F]{8}/y;

type Fail = (at: number, problem: string) => Error;

/**
 * The bytes that the quoted text at `start` stands for, and the position behind it.
 *
 * @throws what `fail` makes: a string without an end, an escape that there is not
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/#string
 */
export function readStringLiteral(
  text: string,
  start: number,
  syntax: "text" | "json",
  fail: Fail,
): { bytes: Uint8Array; end: number } {
  const quoteMark = text[start]!;
  const parts: Uint8Array[] = [];
  let run = start + 1;
  let position = run;
  const flush = () => {
    if (position > run) parts.push(Buffer.from(text.slice(run, position), "utf8"));
  };
  for (;;) {
    const character = text[position];
    if (character === undefined || character === "\n") {
      throw fail(
        start,
        `expected a closing ${quoteMark} on the same line, found the end of the ${character ? "line" : "text"}`,
      );
    }
    if (character === "\0") throw fail(position, "expected no NUL character in a string, found one; write it as \\000");
    if (character === quoteMark) {
      flush();
      return { bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts), end: position + 1 };
    }
    if (character !== "\\") {
      position++;
      continue;
    }
    flush();
    // The one escape that JSON has and text format has not.
    const isSlash = syntax === "json" && text[position + 1] === "/";
    const escaped = isSlash ? { bytes: Uint8Array.of(47), end: position + 2 } : readEscape(text, position + 1, fail);
    parts.push(escaped.bytes);
    position = escaped.end;
    run = position;
  }
}

function readEscape(text: string, at: number, fail: Fail): { bytes: Uint8Array; end: number } {
  const backslash = at - 1;
  const letter = text.charAt(at);
  const simple = Object.hasOwn(SIMPLE, letter) ? SIMPLE[letter] : undefined;
  if (simple !== undefined) return { bytes: Uint8Array.of(simple), end: at + 1 };
  const octal = match(OCTAL, text, at);
  if (octal !== undefined) {
    const byte = Number.parseInt(octal, 8);
    if (byte > 255) throw fail(backslash, `expected an octal escape up to \\377, found \\${octal}`);
    return { bytes: Uint8Array.of(byte), end: at + octal.length };
  }
  if (letter === "x") {
    const hex = match(HEX, text, at + 1);
    if (hex === undefined) throw fail(backslash, "expected one or two hexadecimal digits behind \\x");
    return { bytes: Uint8Array.of(Number.parseInt(hex, 16)), end: at + 1 + hex.length };
  }
  if (letter === "u" || letter === "U") return readCodePoint(text, at, fail);
  throw fail(backslash, `expected an escape such as \\n, \\", \\\\ or \\101, found ${quote(`\\${letter}`)}`);
}

/** `\u00e9` and `\U0001F600`; two halves of a surrogate pair in a row are one character, as in the C++ parser. */
function readCodePoint(text: string, at: number, fail: Fail): { bytes: Uint8Array; end: number } {
  const backslash = at - 1;
  const [pattern, digits] = text[at] === "u" ? [FOUR, 4] : [EIGHT, 8];
  const hex = match(pattern, text, at + 1);
  if (hex === undefined) throw fail(backslash, `expected ${digits} hexadecimal digits behind \\${text[at]}`);
  let code = Number.parseInt(hex, 16);
  let end = at + 1 + digits;
  if (code >= 0xd800 && code <= 0xdbff && text.startsWith("\\u", end)) {
    const low = Number.parseInt(match(FOUR, text, end + 2) ?? "0", 16);
    if (low >= 0xdc00 && low <= 0xdfff) {
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
      end += 6;
    }
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw fail(backslash, `expected a Unicode character, found \\${text[at]}${hex}, which is none`);
  }
  return { bytes: Buffer.from(String.fromCodePoint(code), "utf8"), end };
}

function match(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** Text in double quotes. What cannot be seen is written as the octal escapes of its bytes, which every parser reads. */
export function printString(text: string): string {
  const escaped = text.replace(/["\\]|[\p{C}\p{Zl}\p{Zp}]/gu, (character) => {
    const short = SHORT[character];
    return short ?? [...Buffer.from(character, "utf8")].map(octal).join("");
  });
  return `"${escaped}"`;
}

/** Bytes in double quotes: those that are no printable ASCII as octal escapes. */
export function printBytes(bytes: Uint8Array): string {
  const shown = Array.from(bytes, (byte) => {
    const character = String.fromCharCode(byte);
    return SHORT[character] ?? (byte >= 32 && byte < 127 ? character : octal(byte));
  });
  return `"${shown.join("")}"`;
}

const SHORT: Readonly<Record<string, string>> = { '"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t" };

function octal(byte: number): string {
  return `\\${byte.toString(8).padStart(3, "0")}`;
}
