import { quote, withoutControls } from "../../internal/quote.ts";
import { ConfigSyntaxError, type Place } from "../config-syntax-error.ts";
import { readStringLiteral } from "./string-literal.ts";

/** Larger texts are refused before they are read: 20,000 models take a quarter of it. */
export const MAX_CONFIG_BYTES = 8 * 1024 * 1024;

/** A piece of the text; for strings `bytes` is what they stand for. */
export interface Token {
  readonly kind: "name" | "integer" | "float" | "string" | "symbol" | "end";
  readonly at: number;
  readonly text: string;
  readonly bytes?: Uint8Array;
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9a-fA-F]+|(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[fF]?/y;
const INTEGER = /^(?:0[xX][0-9a-fA-F]+|[0-9]+)$/;
const SYMBOLS = "{}<>[]:,;-./";

/**
 * Cuts text format into tokens, one ahead. JSON has the same tokens but for one escape, so it is read with this too.
 *
 * @throws ConfigSyntaxError for a text that is too large, not well-formed Unicode, or holds what is no token
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/#lexical
 */
export class Scanner {
  readonly #text: string;
  readonly #syntax: "text" | "json";
  #position = 0;
  #token: Token;

  constructor(text: string, syntax: "text" | "json" = "text") {
    this.#text = text;
    this.#syntax = syntax;
    // The server reads bytes, of which there are at least as many as there are characters.
    if (text.length > MAX_CONFIG_BYTES) {
      throw this.fail(0, `the text has ${text.length} characters, expected at most ${MAX_CONFIG_BYTES}`);
    }
    const broken = /\p{Cs}/u.exec(text);
    if (broken !== null) throw this.fail(broken.index, "half a surrogate pair, which no UTF-8 file can hold");
    if (text.startsWith("\ufeff")) this.#position = 1;
    this.#token = this.#scan();
  }

  /** The token that is next. */
  get token(): Token {
    return this.#token;
  }

  /** Gives the next token and goes on to the one behind it. */
  take(): Token {
    const token = this.#token;
    if (token.kind !== "end") this.#token = this.#scan();
    return token;
  }

  /** Takes the next token if it is this symbol. */
  takeIf(symbol: string): boolean {
    if (this.#token.kind !== "symbol" || this.#token.text !== symbol) return false;
    this.take();
    return true;
  }

  placeOf(at: number): Place {
    const before = this.#text.slice(0, at);
    const start = before.lastIndexOf("\n") + 1;
    let line = 1;
    for (let index = before.indexOf("\n"); index !== -1; index = before.indexOf("\n", index + 1)) line++;
    // By characters: one beyond U+FFFF takes two places of a JavaScript string.
    const column = [...before.slice(start).replace(/^\ufeff/, "")].length + 1;
    return { line, column };
  }

  fail(at: number, problem: string): ConfigSyntaxError {
    return new ConfigSyntaxError(problem, this.placeOf(at));
  }

  /** `expected …, found …`, at a token: the next one unless told. */
  unexpected(expected: string, found: Token = this.#token): ConfigSyntaxError {
    return this.fail(found.at, `expected ${expected}, found ${describeToken(found)}`);
  }

  #scan(): Token {
    this.#skip();
    const at = this.#position;
    const text = this.#text;
    if (at >= text.length) return { kind: "end", at, text: "" };
    const first = text[at]!;
    if (first === '"' || first === "'") {
      const { end, bytes } = readStringLiteral(text, at, this.#syntax, (where, problem) => this.fail(where, problem));
      this.#position = end;
      return { kind: "string", at, text: text.slice(at, end), bytes };
    }
    const name = this.#match(NAME);
    if (name !== undefined) return { kind: "name", at, text: name };
    const number = this.#match(NUMBER);
    if (number !== undefined) {
      const next = text.charAt(this.#position);
      if (/[A-Za-z0-9_.]/.test(next)) {
        throw this.fail(at, `expected white space behind the number ${clip(number)}, found ${quote(next)}`);
      }
      return { kind: INTEGER.test(number) ? "integer" : "float", at, text: number };
    }
    if (!SYMBOLS.includes(first)) {
      throw this.fail(
        at,
        `expected a field, a value or a bracket, found ${quote(String.fromCodePoint(text.codePointAt(at)!))}`,
      );
    }
    this.#position = at + 1;
    return { kind: "symbol", at, text: first };
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#position += found.length;
    return found;
  }

  /** White space, and comments to the end of their lines. */
  #skip(): void {
    const text = this.#text;
    let position = this.#position;
    for (;;) {
      const code = text.charCodeAt(position);
      if (code === 0x20 || (code >= 0x09 && code <= 0x0d)) {
        position++;
      } else if (code === 0x23) {
        const end = text.indexOf("\n", position);
        position = end === -1 ? text.length : end + 1;
      } else {
        this.#position = position;
        return;
      }
    }
  }
}

/** A token as a message shows it. */
export function describeToken({ kind, text }: Token): string {
  if (kind === "end") return "the end of the text";
  if (kind === "string") return `the string ${clip(text)}`;
  return kind === "symbol" ? `"${text}"` : clip(text);
}

/** A piece of the text as a message shows it: 60 characters of it, nothing that steers a terminal. */
export function clip(text: string): string {
  return withoutControls(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}
