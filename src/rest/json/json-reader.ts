import { decodeError, tooLargeError } from "../../errors/decode-error.ts";
import { quote } from "../../internal/quote.ts";
import { readEscape } from "./read-escape.ts";

/** How deep lists and objects may lie in each other. A server's own replies stay below ten. */
export const MAX_DEPTH = 64;

const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

/** How many readers there have been. */
let readers = 0;

/** From here on a view of the bytes costs less than it saves. */
const LONG_BYTES = 1024;
const NO_WORDS = new DataView(new ArrayBuffer(0));

/**
 * A place in the bytes of a JSON object, and the steps that every reader is made of.
 *
 * What it reads ends with a closing brace (looked at first), so number loops need no check for the end: the brace
 * stops them. Every failure names the byte where it was found. `endedEarly` tells whether the bytes ran out.
 */
export class JsonReader {
  readonly bytes: Buffer;
  /** Tells this reader from others, for who keeps something of its bytes but must not keep them alive. */
  readonly serial = ++readers;
  position = 0;
  endedEarly = false;
  /** Whether the string read last holds a backslash. */
  escaped = false;
  /** Whether the string read last is ASCII throughout. */
  ascii = true;
  /** The same bytes, for reading four at a time up to `lastWord`. Short bodies are not worth it: -1. */
  readonly words: DataView;
  readonly lastWord: number;
  /** How many tensors have been begun. */
  tensors = 0;
  /** Behind the closing brace of the whole. */
  readonly end: number;
  readonly #maxMessageBytes: number;
  #claimed = 0;

  /** @param maxMessageBytes the limit of a body; what is read from it may take up to twice as much memory */
  constructor(bytes: Buffer, maxMessageBytes = Number.POSITIVE_INFINITY) {
    this.bytes = bytes;
    this.#maxMessageBytes = maxMessageBytes;
    let end = bytes.length;
    while (end > 0 && isSpace(bytes[end - 1]!)) end--;
    this.end = end;
    const isLong = end > LONG_BYTES;
    this.words = isLong ? new DataView(bytes.buffer, bytes.byteOffset, end) : NO_WORDS;
    this.lastWord = isLong ? end - 4 : -1;
  }

  /**
   * Steps over a byte order mark and makes sure that the rest begins and ends like an object.
   *
   * @throws ServingError (INTERNAL, kind decode) when it does not
   */
  begin(): void {
    const { bytes, end } = this;
    if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) this.position = 3;
    const first = this.peek();
    if (first !== OPEN_OBJECT && first !== -1) throw this.unexpected("an object");
    if (first === -1 || bytes[end - 1] !== CLOSE_OBJECT) {
      this.endedEarly = true;
      throw this.fail(first === -1 ? "the body is empty" : "the body does not end with the brace that closes it", end);
    }
  }

  /** The next byte that is no white space, which is then the position. -1 at the end. */
  peek(): number {
    const { bytes, end } = this;
    let at = this.position;
    let byte = bytes[at]!;
    while (byte <= 32 && at < end && isSpace(byte)) byte = bytes[++at]!;
    this.position = at;
    return at < end ? byte : -1;
  }

  /**
   * Asks for memory for what is read.
   *
   * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) when all of it together gets too much
   */
  claim(bytes: number): void {
    this.#claimed += bytes;
    if (this.#claimed <= 2 * this.#maxMessageBytes) return;
    throw tooLargeError(
      `the reply takes ${this.#claimed} bytes or more when it is read, twice the limit of ${this.#maxMessageBytes} (maxMessageBytes) at most are allowed`,
    );
  }

  fail(problem: string, at = this.position): Error {
    return decodeError(`reply, byte ${at}: ${problem}`);
  }

  /** What was expected, and the token that was found instead. */
  unexpected(expected: string): Error {
    const found = this.peek();
    if (found === -1) {
      this.endedEarly = true;
      return this.fail(`the body ends, expected ${expected}`);
    }
    return this.fail(`expected ${expected}, found ${describeToken(found)}`);
  }

  /** Reads a list, handing each element's index to `visit`, which must read the element. Returns how many. */
  list(visit: (index: number) => void): number {
    if (this.peek() !== OPEN_LIST) throw this.unexpected("a list");
    this.position++;
    if (this.peek() === CLOSE_LIST) {
      this.position++;
      return 0;
    }
    for (let index = 0; ; index++) {
      visit(index);
      const next = this.peek();
      if (next === COMMA) {
        this.position++;
      } else if (next === CLOSE_LIST) {
        this.position++;
        return index + 1;
      } else {
        throw this.unexpected('"," or "]"');
      }
    }
  }

  /**
   * Reads an object, handing each key to `visit`, which must read the value.
   *
   * @throws ServingError (INTERNAL, kind decode) for a key that comes twice: readers disagree on which one counts
   */
  object(visit: (key: string) => void): void {
    if (this.peek() !== OPEN_OBJECT) throw this.unexpected("an object");
    this.position++;
    if (this.peek() === CLOSE_OBJECT) {
      this.position++;
      return;
    }
    let first: string | undefined;
    let others: Set<string> | undefined;
    for (;;) {
      const at = this.position;
      const key = this.string();
      if (key === first || others?.has(key)) throw this.fail(`the key ${quote(key)} comes twice`, at);
      if (first === undefined) {
        first = key;
      } else {
        others ??= new Set();
        others.add(key);
      }
      if (this.peek() !== COLON) throw this.unexpected('":"');
      this.position++;
      visit(key);
      const next = this.peek();
      if (next === COMMA) {
        this.position++;
        this.peek();
      } else if (next === CLOSE_OBJECT) {
        this.position++;
        return;
      } else {
        throw this.unexpected('"," or "}"');
      }
    }
  }

  /** Reads a string as text; bytes that are not UTF-8 become U+FFFD. */
  string(): string {
    const start = this.stringStart();
    const end = this.stringEnd() - 1;
    if (!this.escaped) return this.bytes.toString(this.ascii ? "latin1" : "utf8", start, end);
    const decoded = Buffer.allocUnsafe(end - start);
    return decoded.toString("utf8", 0, this.copyString(start, end, decoded, 0));
  }

  /** Steps over the opening quote. Returns the position behind it. */
  stringStart(): number {
    if (this.peek() !== QUOTE) throw this.unexpected("a string");
    return ++this.position;
  }

  /** From behind the opening quote to behind the closing one, which is then the position. Sets `escaped` and `ascii`. */
  stringEnd(): number {
    const { bytes, end } = this;
    this.escaped = false;
    let all = 0;
    for (let at = this.position; at < end; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        this.position = at + 1;
        this.ascii = all < 128;
        return at + 1;
      }
      all |= byte;
      if (byte === BACKSLASH) {
        this.escaped = true;
        at++;
      }
    }
    this.position = end;
    this.endedEarly = true;
    throw this.fail("the body ends inside a string");
  }

  /**
   * Copies what a string between two positions stands for: escapes resolved, all other bytes as they are, valid
   * UTF-8 or not. Returns the position in `into` behind the last byte; it never takes more bytes than the source.
   */
  copyString(from: number, to: number, into: Buffer, at: number): number {
    const { bytes } = this;
    for (let index = from; index < to; ) {
      const byte = bytes[index]!;
      if (byte !== BACKSLASH) {
        into[at++] = byte;
        index++;
        continue;
      }
      const found = readEscape(bytes, index, to);
      if (found === undefined) throw this.fail("an escape that JSON does not have", index);
      at += into.write(found.text, at, "utf8");
      index = found.end;
    }
    return at;
  }

  /** Makes sure that nothing follows. */
  finish(): void {
    if (this.peek() !== -1) throw this.fail("there is more behind the end of the object");
  }

  /** Steps over a number or a bare word; returns its text. */
  token(): string {
    const start = this.position;
    let end = start;
    while (end < this.end && isTokenByte(this.bytes[end]!)) end++;
    if (end === start) throw this.unexpected("a value");
    this.position = end;
    return this.bytes.toString("latin1", start, end);
  }
}

function isSpace(byte: number): boolean {
  return byte === 32 || byte === 10 || byte === 13 || byte === 9;
}

/** Letters, digits, `+`, `-` and `.`: what numbers and words are made of. */
function isTokenByte(byte: number): boolean {
  return (
    (byte >= 48 && byte <= 57) ||
    (byte >= 97 && byte <= 122) ||
    (byte >= 65 && byte <= 90) ||
    byte === 43 ||
    byte === 45 ||
    byte === 46
  );
}

/** The kind of a token by its first byte; never its text, which may be part of a payload. */
function describeToken(byte: number): string {
  if (byte === QUOTE) return "a string";
  if (byte === OPEN_LIST) return "a list";
  if (byte === OPEN_OBJECT) return "an object";
  if (byte === 45 || byte === 73 || byte === 78 || (byte >= 48 && byte <= 57)) return "a number";
  if (byte === 116 || byte === 102) return "a boolean";
  if (byte === 110) return "null";
  if (byte > 32 && byte < 127) return `"${String.fromCharCode(byte)}"`;
  return `the byte 0x${byte.toString(16).padStart(2, "0")}`;
}
