import { isUtf8 } from "node:buffer";
import { tooLargeError } from "../../errors/decode-error.ts";
import { putAscii } from "./digits.ts";

/** What a reservation may run ahead of the limit: room for the longest run of numbers. */
const SLACK_BYTES = 256 << 10;

/** Buffers up to this size are kept for the next body; larger ones go to whoever asked for them. */
const KEPT_BYTES = 1 << 20;
const FIRST_BYTES = 16 << 10;

/** Short text without anything to escape. */
const PLAIN_TEXT = /^[\w.:/ -]{0,64}$/;

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const HEX = Buffer.from("0123456789abcdef", "latin1");

/** The buffer between two bodies. Encoding never yields, so one is enough for the process. */
let spare: { readonly bytes: Buffer; readonly words: DataView } | undefined;

/**
 * Writes JSON bytes into one growing buffer that is reused from body to body. Number writers take `bytes` and
 * `position` after a `reserve`, write, and put the position back.
 */
export class JsonWriter {
  bytes: Buffer;
  /** The same bytes, for writing four at a time. */
  words: DataView;
  position = 0;
  readonly #maxBytes: number;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    if (spare === undefined) {
      this.bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
      this.words = viewOf(this.bytes);
    } else {
      ({ bytes: this.bytes, words: this.words } = spare);
      spare = undefined;
    }
  }

  /**
   * Makes room for `bytes` more.
   *
   * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) when the body gets larger than the limit
   */
  reserve(bytes: number): void {
    const needed = this.position + bytes;
    if (this.position > this.#maxBytes || needed > this.#maxBytes + SLACK_BYTES) this.#refuse(needed);
    if (needed > this.bytes.length) this.#grow(needed);
  }

  /** Says how much is likely to come, so that the buffer grows once and not by doubling. */
  expect(bytes: number): void {
    const needed = this.position + Math.min(bytes, this.#maxBytes - this.position);
    if (needed > this.bytes.length) this.#grow(needed);
  }

  /** Writes ASCII text as it stands: brackets, keys that need no escape, tokens. */
  raw(text: string): void {
    this.reserve(text.length);
    this.position = putAscii(this.bytes, this.position, text);
  }

  comma(): void {
    this.reserve(1);
    this.bytes[this.position++] = COMMA;
  }

  /** Writes text of any characters as it stands: JSON that was made before. */
  text(json: string): void {
    this.reserve(json.length * 3);
    // Going through the engine costs more than a short text is worth.
    if (json.length < 32 && this.#shortAscii(json)) return;
    this.position += this.bytes.write(json, this.position, "utf8");
  }

  /** Writes a JSON string. */
  string(text: string): void {
    this.text(PLAIN_TEXT.test(text) ? `"${text}"` : JSON.stringify(text));
  }

  /** Writes `"name":`. */
  key(name: string): void {
    this.string(name);
    this.raw(":");
  }

  /** Writes bytes that are valid UTF-8 as a JSON string, without making text of them. False, and nothing, for others. */
  utf8(value: Uint8Array): boolean {
    if (!isUtf8(value)) return false;
    this.reserve(value.length > 4096 ? escapedLength(value) + 2 : value.length * 6 + 2);
    const { bytes } = this;
    let at = this.position;
    bytes[at++] = QUOTE;
    for (let index = 0; index < value.length; index++) {
      const byte = value[index]!;
      if (byte >= 32 && byte !== QUOTE && byte !== BACKSLASH) {
        bytes[at++] = byte;
        continue;
      }
      bytes[at++] = BACKSLASH;
      if (byte >= 32) {
        bytes[at++] = byte;
        continue;
      }
      at = putAscii(bytes, at, "u00");
      bytes[at++] = HEX[byte >> 4]!;
      bytes[at++] = HEX[byte & 15]!;
    }
    bytes[at++] = QUOTE;
    this.position = at;
    return true;
  }

  /** Writes bytes as `{"b64":"…"}`. */
  base64(value: Uint8Array): void {
    this.reserve(Math.ceil(value.length / 3) * 4 + 10);
    const text = Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
    this.position = putAscii(this.bytes, this.position, '{"b64":"');
    this.position += this.bytes.write(text, this.position, "latin1");
    this.position = putAscii(this.bytes, this.position, '"}');
  }

  /**
   * The finished body, which the caller owns. The writer must not be used afterwards.
   *
   * @throws ServingError (RESOURCE_EXHAUSTED, kind too_large) above the limit
   */
  take(): Buffer {
    if (this.position > this.#maxBytes) this.#refuse(this.position);
    const { bytes, position } = this;
    // A large body keeps its buffer: copying it costs more than making the next one, and holding it would keep the
    // memory of the largest body ever sent.
    if (bytes.length > KEPT_BYTES) return bytes.subarray(0, position);
    spare = this;
    const body = Buffer.allocUnsafe(position);
    bytes.copy(body, 0, 0, position);
    return body;
  }

  #shortAscii(text: string): boolean {
    const { bytes } = this;
    let at = this.position;
    for (let index = 0; index < text.length; index++) {
      const code = text.charCodeAt(index);
      if (code > 127) return false;
      bytes[at++] = code;
    }
    this.position = at;
    return true;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2));
    this.bytes.copy(grown, 0, 0, this.position);
    this.bytes = grown;
    this.words = viewOf(grown);
  }

  #refuse(bytes: number): never {
    spare ??= this.bytes.length > KEPT_BYTES ? undefined : this;
    throw tooLargeError(
      `the request body takes ${bytes} bytes or more, at most ${this.#maxBytes} are allowed (maxMessageBytes)`,
    );
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Buffer): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** How long a text gets when quotes, backslashes and control characters (six bytes: \u001f) are escaped. */
function escapedLength(value: Uint8Array): number {
  let length = value.length;
  for (let index = 0; index < value.length; index++) {
    const byte = value[index]!;
    if (byte < 32) length += 5;
    else if (byte === QUOTE || byte === BACKSLASH) length++;
  }
  return length;
}
