/** What an escape stands for, and where it ends. */
interface Escape {
  readonly text: string;
  readonly end: number;
}

const SIMPLE: Readonly<Record<number, string>> = {
  34: '"',
  47: "/",
  92: "\\",
  98: "\b",
  102: "\f",
  110: "\n",
  114: "\r",
  116: "\t",
};

/**
 * The escape whose backslash lies at `at`, with the second half of a surrogate pair. Undefined when there is none of
 * that form, or one half of a pair without the other: no bytes of UTF-8 stand for it.
 */
export function readEscape(bytes: Buffer, at: number, end: number): Escape | undefined {
  const letter = bytes[at + 1];
  if (letter === undefined || at + 2 > end) return undefined;
  if (letter !== 117) {
    const text = SIMPLE[letter];
    return text === undefined ? undefined : { text, end: at + 2 };
  }
  const first = hex(bytes, at + 2, end);
  if (first === undefined) return undefined;
  if (first < 0xd800 || first > 0xdfff) return { text: String.fromCharCode(first), end: at + 6 };
  if (first > 0xdbff || bytes[at + 6] !== 92 || bytes[at + 7] !== 117) return undefined;
  const second = hex(bytes, at + 8, end);
  if (second === undefined || second < 0xdc00 || second > 0xdfff) return undefined;
  return { text: String.fromCharCode(first, second), end: at + 12 };
}

function hex(bytes: Buffer, at: number, end: number): number | undefined {
  if (at + 4 > end) return undefined;
  const text = bytes.toString("latin1", at, at + 4);
  return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : undefined;
}
