/**
 * Where the elements of a `string` tensor come from. A wire that has them as one region of bytes can hand out text
 * without making a byte array for each.
 */
export interface StringSource {
  /** As many byte strings as the tensor has elements. Asked once: the tensor keeps the answer. */
  toBytes(): readonly Uint8Array[];
  /** The same elements as text, in a fresh array. Bytes that are not UTF-8 become U+FFFD. */
  toStrings(): string[];
}

// A byte order mark is part of the element: with the default the decoder would drop it.
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/** The text of a byte string; bytes that are not UTF-8 become U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}

/** The UTF-8 bytes of a text, in memory of their own; a lone surrogate becomes U+FFFD. */
export function encodeText(text: string): Uint8Array {
  return text.length <= SHORT_TEXT ? (encodeShortAscii(text) ?? encoder.encode(text)) : encoder.encode(text);
}

// Measured: a call of the encoder costs more than a loop over this many characters.
const SHORT_TEXT = 64;

function encodeShortAscii(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

/** Whether a value can hand out strings. */
export function isStringSource(value: unknown): value is StringSource {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as Partial<StringSource>).toBytes === "function" &&
    typeof (value as Partial<StringSource>).toStrings === "function"
  );
}

/** Whether a value is a byte string: a Uint8Array (a Buffer is one), of another realm too. */
export function isBytes(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array || Object.prototype.toString.call(value) === "[object Uint8Array]";
}
