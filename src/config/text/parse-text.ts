import { quote } from "../../internal/quote.ts";
import { misplacedField } from "../misplaced-field.ts";
import {
  type ConfigKind,
  entryOf,
  type FieldSchema,
  fieldsOf,
  isWrapper,
  ROOTS,
  shortName,
  toCamelCase,
} from "../schema.ts";
import { readScalar } from "./read-scalar.ts";
import { clip, Scanner } from "./scanner.ts";
import { type TextMessage, type TextNote, type TextValue, valueIn } from "./text-message.ts";

/** Longer than the name of any extension: what comes then is none. */
const MAX_NAME = 200;

type Fields = Readonly<Record<string, FieldSchema>>;

export interface ParsedText {
  readonly message: TextMessage;
  readonly notes: readonly TextNote[];
  readonly placeOf: Scanner["placeOf"];
}

/**
 * Reads a file in protobuf text format as the server does, by the table of its messages.
 *
 * Stricter than the server in one thing: a field that is not repeated stands there once, also where its first value is
 * the default.
 *
 * @throws ConfigSyntaxError
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/#syntax
 */
export function parseText(text: string, kind: ConfigKind): ParsedText {
  const scanner = new Scanner(text);
  const { token } = scanner;
  if (token.kind === "symbol" && token.text === "{") {
    throw scanner.unexpected("a field name (this looks like JSON, which the server does not read)");
  }
  const parser = new Parser(scanner, kind);
  const message = parser.readFile();
  return { message, notes: parser.notes, placeOf: (at) => scanner.placeOf(at) };
}

class Parser {
  readonly notes: TextNote[] = [];
  readonly #scanner: Scanner;
  readonly #kind: ConfigKind;
  /** The keys of each map so far. */
  readonly #keys = new WeakMap<readonly TextValue[], Map<string, TextMessage>>();

  constructor(scanner: Scanner, kind: ConfigKind) {
    this.#scanner = scanner;
    this.#kind = kind;
  }

  readFile(): TextMessage {
    const type = ROOTS[this.#kind];
    const message: TextMessage = { at: 0, fields: new Map() };
    while (this.#scanner.token.kind !== "end") this.#readField(message, fieldsOf(type) ?? {}, type);
    return message;
  }

  #readMessage(fields: Fields, type: string, name: string): TextMessage {
    const scanner = this.#scanner;
    const opening = scanner.token;
    const closing = scanner.takeIf("{") ? "}" : scanner.takeIf("<") ? ">" : undefined;
    if (closing === undefined) throw this.#noMessage(type, name);
    const message: TextMessage = { at: opening.at, fields: new Map() };
    while (!scanner.takeIf(closing)) {
      if (scanner.token.kind === "end") {
        const { line } = scanner.placeOf(opening.at);
        throw scanner.unexpected(`"${closing}" for the "${opening.text}" of ${name} in line ${line}`);
      }
      this.#readField(message, fields, type, closing);
    }
    return message;
  }

  #readField(message: TextMessage, fields: Fields, type: string, closing?: string): void {
    const scanner = this.#scanner;
    if (scanner.token.text === "[") throw this.#extension();
    const token = scanner.token;
    if (token.kind !== "name") {
      const hint = token.kind === "string" ? " (without quotes)" : "";
      throw scanner.unexpected(`a field name${hint}${closing === undefined ? "" : ` or "${closing}"`}`);
    }
    scanner.take();
    const name = token.text;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) {
      throw scanner.fail(
        token.at,
        `${shortName(type)} has no field ${quote(name)}${misplacedField(name, type, this.#kind)}`,
      );
    }
    this.#checkOnce(message, fields, name, field, token.at);
    const known = message.fields.get(name) ?? { at: token.at, values: [] };
    message.fields.set(name, known);
    this.#readValues(known.values, field, name);
    if (!scanner.takeIf(",")) scanner.takeIf(";");
  }

  #checkOnce(message: TextMessage, fields: Fields, name: string, field: FieldSchema, at: number): void {
    if (field.repeated || field.map) return;
    const line = (before: number) => this.#scanner.placeOf(before).line;
    const before = message.fields.get(name);
    if (before !== undefined) {
      throw this.#scanner.fail(at, `expected ${name} once, found it again; the first is in line ${line(before.at)}`);
    }
    if (field.oneof === undefined) return;
    for (const [other, { at: otherAt }] of message.fields) {
      if (fields[other]?.oneof !== field.oneof) continue;
      throw this.#scanner.fail(
        at,
        `expected one of ${other} and ${name}, found both; ${other} is in line ${line(otherAt)}`,
      );
    }
  }

  #readValues(values: TextValue[], field: FieldSchema, name: string): void {
    const scanner = this.#scanner;
    const isMessage = field.map === true || fieldsOf(field.type) !== undefined;
    const colon = scanner.takeIf(":");
    // The colon may be left out in front of what has brackets of its own.
    if (!colon && !isMessage) throw scanner.unexpected(`":" behind ${name}`);
    const opening = scanner.token;
    const isList = field.repeated === true || field.map === true;
    if (opening.text === "[" && !isList) throw scanner.unexpected(`a single value: ${name} is not repeated`);
    if (!scanner.takeIf("[")) {
      values.push(this.#readValue(field, name, values));
      return;
    }
    if (scanner.takeIf("]")) return;
    for (;;) {
      values.push(this.#readValue(field, name, values));
      if (scanner.takeIf("]")) return;
      if (!scanner.takeIf(",")) throw scanner.unexpected(`"," or "]" in the list of ${name}`);
    }
  }

  #readValue(field: FieldSchema, name: string, before: readonly TextValue[]): TextValue {
    if (field.map) return this.#readEntry(field, name, before);
    const fields = fieldsOf(field.type);
    return fields ? this.#readMessage(fields, field.type, name) : readScalar(this.#scanner, field, name);
  }

  /** An entry whose key was there before takes its place, as everywhere in protobuf: most likely a slip. */
  #readEntry(field: FieldSchema, name: string, entries: readonly TextValue[]): TextMessage {
    const entry = this.#readMessage(entryOf(field), `${name} entry`, name);
    const key = (valueIn(entry, "key") ?? "") as string;
    const seen = this.#keys.get(entries) ?? new Map<string, TextMessage>();
    this.#keys.set(entries, seen);
    const first = seen.get(key);
    if (first === undefined) {
      seen.set(key, entry);
    } else {
      const { line } = this.#scanner.placeOf(first.at);
      this.notes.push({
        at: entry.at,
        path: toCamelCase(name),
        reason: `${name} has the key ${quote(key)} twice, first in line ${line}; the last one counts`,
        remedy: "leave one of them out",
      });
    }
    return entry;
  }

  #noMessage(type: string, name: string): Error {
    const { kind, text } = this.#scanner.token;
    const isScalar = kind === "name" || kind === "integer" || kind === "float" || kind === "string";
    const wrapped = isScalar && isWrapper(type) ? `; write ${name} { value: ${clip(text)} }` : "";
    const error = this.#scanner.unexpected(`"{" behind ${name}`);
    return wrapped === "" ? error : this.#scanner.fail(this.#scanner.token.at, `${error.rawMessage}${wrapped}`);
  }

  #extension(): Error {
    const scanner = this.#scanner;
    const { at } = scanner.take();
    let name = "";
    while (scanner.token.kind !== "end" && scanner.token.text !== "]" && name.length < MAX_NAME)
      name += scanner.take().text;
    const what = name.includes("/")
      ? `an expanded google.protobuf.Any, whose type this library does not know; write its type_url and value`
      : "an extension, and these messages have none";
    return scanner.fail(at, `expected a field name, found [${clip(name)}]: ${what}`);
  }
}
