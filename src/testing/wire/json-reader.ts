import { invalid, type ServerError } from "../server-error.ts";
import { type Cursor, ERRORS, peek, syntaxError } from "./json-cursor.ts";
import { readNumber } from "./json-number-reader.ts";

/**
 * A JSON value as the server's parser sees it: an integer token within 64 bits is a bigint, every other number a
 * number, text is bytes (which need not be UTF-8), and an object keeps its members in order, doubles included.
 */
export type JsonValue = null | boolean | bigint | number | Uint8Array | readonly JsonValue[] | JsonObject;

export class JsonObject {
  readonly members: readonly (readonly [name: string, value: JsonValue])[];

  constructor(members: readonly (readonly [string, JsonValue])[]) {
    this.members = members;
  }

  /** The first member of that name. */
  find(name: string): JsonValue | undefined {
    for (const [key, value] of this.members) if (key === name) return value;
    return undefined;
  }
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

const textDecoder = new TextDecoder("utf-8", { ignoreBOM: true });

interface Frame {
  readonly items: JsonValue[] | undefined;
  readonly members: [string, JsonValue][] | undefined;
  name: string;
}

/**
 * Parses like RapidJSON 1.1.0 with the server's flags: iterative, NaN and Infinity as bare tokens, stop when the
 * first value is complete. One byte order mark is skipped.
 *
 * @throws ServerError (INVALID_ARGUMENT) `JSON Parse error: … at offset: N`, N in bytes
 * @see tensorflow_serving/util/json_tensor.cc ParseJson
 */
export function readJson(document: Uint8Array): JsonValue {
  // Text becomes views of the document, which must be plain even where that is a Buffer.
  const bytes = new Uint8Array(document.buffer, document.byteOffset, document.byteLength);
  if (bytes.length === 0) throw invalid("JSON Parse error: The document is empty");
  const cursor: Cursor = { bytes, offset: bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0 };
  const stack: Frame[] = [];
  skipSpace(cursor);
  let head = peek(cursor);
  if (head === 0 || head === COMMA || head === COLON || head === CLOSE_BRACE || head === CLOSE_BRACKET) {
    throw syntaxError(ERRORS.documentEmpty, cursor.offset);
  }
  // The outer loop begins a value, the inner one ends as many containers as end after it.
  for (;;) {
    let value: JsonValue;
    head = peek(cursor);
    if (head === OPEN_BRACKET) {
      cursor.offset++;
      skipSpace(cursor);
      if (peek(cursor) !== CLOSE_BRACKET) {
        stack.push({ items: [], members: undefined, name: "" });
        expectValue(cursor);
        continue;
      }
      cursor.offset++;
      value = [];
    } else if (head === OPEN_BRACE) {
      cursor.offset++;
      skipSpace(cursor);
      if (peek(cursor) !== CLOSE_BRACE) {
        stack.push({ items: undefined, members: [], name: readName(cursor) });
        continue;
      }
      cursor.offset++;
      value = new JsonObject([]);
    } else {
      value = readScalar(cursor, head);
    }
    for (;;) {
      const frame = stack.at(-1);
      if (frame === undefined) return value;
      skipSpace(cursor);
      const next = peek(cursor);
      if (frame.items) {
        frame.items.push(value);
        if (next === COMMA) {
          cursor.offset++;
          skipSpace(cursor);
          if (peek(cursor) === CLOSE_BRACKET) throw syntaxError(ERRORS.valueInvalid, cursor.offset);
          expectValue(cursor);
          break;
        }
        if (next !== CLOSE_BRACKET) throw syntaxError(ERRORS.missingCommaOrBracket, cursor.offset);
        value = frame.items;
      } else if (frame.members) {
        frame.members.push([frame.name, value]);
        if (next === COMMA) {
          cursor.offset++;
          skipSpace(cursor);
          frame.name = readName(cursor);
          break;
        }
        if (next !== CLOSE_BRACE) throw syntaxError(ERRORS.missingCommaOrBrace, cursor.offset);
        value = new JsonObject(frame.members);
      }
      cursor.offset++;
      stack.pop();
    }
  }
}

function readName(cursor: Cursor): string {
  if (peek(cursor) !== QUOTE) throw syntaxError(ERRORS.missingName, cursor.offset);
  const name = textDecoder.decode(readString(cursor));
  skipSpace(cursor);
  if (peek(cursor) !== COLON) throw syntaxError(ERRORS.missingColon, cursor.offset);
  cursor.offset++;
  skipSpace(cursor);
  expectValue(cursor);
  return name;
}

/** Where a value is due, RapidJSON tells the other tokens apart from letters that begin none. */
function expectValue(cursor: Cursor): void {
  const next = peek(cursor);
  if (next === 0 || next === COMMA || next === COLON || next === CLOSE_BRACE || next === CLOSE_BRACKET) {
    throw syntaxError(ERRORS.unspecific, cursor.offset);
  }
}

function readScalar(cursor: Cursor, head: number): JsonValue {
  switch (head) {
    case QUOTE:
      return readString(cursor);
    case 0x6e:
      return readLiteral(cursor, "null", null);
    case 0x74:
      return readLiteral(cursor, "true", true);
    case 0x66:
      return readLiteral(cursor, "false", false);
    default:
      return readNumber(cursor);
  }
}

function readLiteral<T>(cursor: Cursor, word: string, value: T): T {
  for (let i = 0; i < word.length; i++) {
    if (cursor.bytes[cursor.offset] !== word.charCodeAt(i)) throw syntaxError(ERRORS.valueInvalid, cursor.offset);
    cursor.offset++;
  }
  return value;
}

function skipSpace(cursor: Cursor): void {
  for (;;) {
    const byte = cursor.bytes[cursor.offset];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    cursor.offset++;
  }
}

function readString(cursor: Cursor): Uint8Array {
  const begin = ++cursor.offset;
  const { bytes } = cursor;
  for (;;) {
    const byte = peek(cursor);
    if (byte === QUOTE) return bytes.subarray(begin, cursor.offset++);
    if (byte === BACKSLASH) return readEscaped(cursor, begin);
    if (byte < 0x20) throw unescapedControl(byte, cursor.offset);
    cursor.offset++;
  }
}

function unescapedControl(byte: number, offset: number): ServerError {
  return syntaxError(byte === 0 ? ERRORS.missingQuote : ERRORS.badEscape, offset);
}

const SIMPLE_ESCAPES: Readonly<Record<number, number>> = {
  34: 34,
  47: 47,
  92: 92,
  98: 8,
  102: 12,
  110: 10,
  114: 13,
  116: 9,
};

function readEscaped(cursor: Cursor, begin: number): Uint8Array {
  const { bytes } = cursor;
  const out: number[] = Array.from(bytes.subarray(begin, cursor.offset));
  for (;;) {
    const byte = peek(cursor);
    if (byte === QUOTE) {
      cursor.offset++;
      return Uint8Array.from(out);
    }
    if (byte < 0x20) throw unescapedControl(byte, cursor.offset);
    if (byte !== BACKSLASH) {
      out.push(byte);
      cursor.offset++;
      continue;
    }
    const escapeOffset = cursor.offset++;
    const escaped = peek(cursor);
    cursor.offset++;
    const simple = SIMPLE_ESCAPES[escaped];
    if (simple !== undefined) out.push(simple);
    else if (escaped === 0x75) pushCodePoint(out, readCodePoint(cursor, escapeOffset));
    else throw syntaxError(ERRORS.badEscape, escapeOffset);
  }
}

function readCodePoint(cursor: Cursor, escapeOffset: number): number {
  const high = readHex(cursor, escapeOffset);
  // A low surrogate alone passes: the parser only looks for the second half after a first one.
  if (high < 0xd800 || high > 0xdbff) return high;
  if (peek(cursor) !== BACKSLASH || cursor.bytes[cursor.offset + 1] !== 0x75) {
    throw syntaxError(ERRORS.badSurrogate, escapeOffset);
  }
  cursor.offset += 2;
  const low = readHex(cursor, escapeOffset);
  if (low < 0xdc00 || low > 0xdfff) throw syntaxError(ERRORS.badSurrogate, escapeOffset);
  return 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
}

function readHex(cursor: Cursor, escapeOffset: number): number {
  let value = 0;
  for (let i = 0; i < 4; i++) {
    const digit = Number.parseInt(String.fromCharCode(peek(cursor)), 16);
    if (Number.isNaN(digit)) throw syntaxError(ERRORS.badHex, escapeOffset);
    value = value * 16 + digit;
    cursor.offset++;
  }
  return value;
}

/** As UTF-8, lone surrogates too, which an encoder of the platform would replace. */
function pushCodePoint(out: number[], point: number): void {
  if (point < 0x80) out.push(point);
  else if (point < 0x800) out.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
  else if (point < 0x10000) out.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  else {
    out.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  }
}
