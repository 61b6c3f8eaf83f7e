/** Bytes as they were, and text as UTF-8, in one string of one char a byte: what {@link JsonWriter} collects. */
export function toByteString(text: string | Uint8Array): string {
  if (typeof text === "string" && isAscii(text)) return text;
  const bytes = typeof text === "string" ? Buffer.from(text, "utf8") : text;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}

interface Level {
  readonly isArray: boolean;
  /** Names count too. */
  values: number;
}

/**
 * Writes JSON with the white space of RapidJSON's PrettyWriter: four spaces a level, and lists on one line while
 * `singleLineArrays` is set.
 *
 * @see rapidjson 1.1.0 prettywriter.h
 */
export class JsonWriter {
  singleLineArrays = false;
  #text = "";
  readonly #levels: Level[] = [];

  /** How many bytes are written so far. */
  get length(): number {
    return this.#text.length;
  }

  startObject(): void {
    this.#prefix();
    this.#levels.push({ isArray: false, values: 0 });
    this.#text += "{";
  }

  endObject(): void {
    if (this.#levels.pop()?.values !== 0) this.#text += `\n${this.#indent()}`;
    this.#text += "}";
  }

  startArray(): void {
    this.#prefix();
    this.#levels.push({ isArray: true, values: 0 });
    this.#text += "[";
  }

  endArray(): void {
    if (this.#levels.pop()?.values !== 0 && !this.singleLineArrays) this.#text += `\n${this.#indent()}`;
    this.#text += "]";
  }

  /** A name of a member, or a value that is text. Control characters, quotes and backslashes are escaped, no more. */
  string(text: string | Uint8Array): void {
    this.#prefix();
    this.#text += `"${escapeText(toByteString(text))}"`;
  }

  /** A number or literal that is already text. An empty one leaves only the white space before it. */
  raw(token: string): void {
    this.#prefix();
    this.#text += token;
  }

  toBytes(): Uint8Array {
    return Buffer.from(this.#text, "latin1");
  }

  #prefix(): void {
    const level = this.#levels.at(-1);
    if (level === undefined) return;
    const index = level.values++;
    if (level.isArray) {
      if (index > 0) this.#text += this.singleLineArrays ? ", " : ",";
      if (!this.singleLineArrays) this.#text += `\n${this.#indent()}`;
    } else if (index % 2 === 1) {
      this.#text += ": ";
    } else {
      this.#text += `${index > 0 ? "," : ""}\n${this.#indent()}`;
    }
  }

  #indent(): string {
    return "    ".repeat(this.#levels.length);
  }
}

const NEEDS_ESCAPE = /[\u0000-\u001f"\\]/;
const ESCAPED = /[\u0000-\u001f"\\]/g;
const SHORT: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
};

function escapeText(text: string): string {
  if (!NEEDS_ESCAPE.test(text)) return text;
  return text.replace(
    ESCAPED,
    (char) => SHORT[char] ?? `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}`,
  );
}
