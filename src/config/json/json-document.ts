import type { Scanner } from "../text/scanner.ts";

/** One value of a JSON text, with its place. Numbers are the characters they were written with. */
export interface JsonNode {
  readonly at: number;
  readonly value: string | boolean | null | JsonNumber | readonly JsonNode[] | JsonObject;
}

export interface JsonNumber {
  readonly digits: string;
}

/** Members by key; a key that is there twice counts the last time. */
export type JsonObject = ReadonlyMap<string, { readonly at: number; readonly node: JsonNode }>;

/** No configuration lies deeper, and a hostile one must not use up the stack. */
const DEEPEST = 32;

/**
 * Reads a text as JSON and keeps the place of everything, for messages, and all digits of numbers.
 *
 * @throws ConfigSyntaxError
 */
export function readJson(scanner: Scanner): JsonNode {
  const node = readNode(scanner, 0);
  if (scanner.token.kind !== "end") throw scanner.unexpected("the end of the JSON text");
  return node;
}

function readNode(scanner: Scanner, depth: number): JsonNode {
  const { token } = scanner;
  const { at } = token;
  if (depth > DEEPEST) throw scanner.fail(at, `expected at most ${DEEPEST} levels, found more`);
  if (token.kind === "string" && token.text.startsWith('"')) return { at, value: readString(scanner) };
  if (token.kind === "integer" || token.kind === "float") return { at, value: { digits: scanner.take().text } };
  if (token.kind === "name" && Object.hasOwn(WORDS, token.text)) return { at, value: WORDS[scanner.take().text]! };
  if (scanner.takeIf("-")) {
    if (scanner.token.kind !== "integer" && scanner.token.kind !== "float") throw scanner.unexpected("a number");
    return { at, value: { digits: `-${scanner.take().text}` } };
  }
  if (scanner.takeIf("[")) return { at, value: readList(scanner, depth) };
  if (scanner.takeIf("{")) return { at, value: readObject(scanner, depth) };
  throw scanner.unexpected("a JSON value");
}

const WORDS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

function readList(scanner: Scanner, depth: number): JsonNode[] {
  const items: JsonNode[] = [];
  if (scanner.takeIf("]")) return items;
  for (;;) {
    items.push(readNode(scanner, depth + 1));
    if (scanner.takeIf("]")) return items;
    if (!scanner.takeIf(",")) throw scanner.unexpected('"," or "]"');
  }
}

function readObject(scanner: Scanner, depth: number): JsonObject {
  const members = new Map<string, { at: number; node: JsonNode }>();
  if (scanner.takeIf("}")) return members;
  for (;;) {
    const { token } = scanner;
    if (token.kind !== "string" || !token.text.startsWith('"')) throw scanner.unexpected("a key in double quotes");
    const key = readString(scanner);
    if (!scanner.takeIf(":")) throw scanner.unexpected('":" behind a key');
    members.set(key, { at: token.at, node: readNode(scanner, depth + 1) });
    if (scanner.takeIf("}")) return members;
    if (!scanner.takeIf(",")) throw scanner.unexpected('"," or "}"');
  }
}

function readString(scanner: Scanner): string {
  return Buffer.from(scanner.take().bytes as Uint8Array).toString("utf8");
}
