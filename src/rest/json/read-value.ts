import { type JsonReader, MAX_DEPTH } from "./json-reader.ts";

/** JSON as a value: objects without a prototype, whole numbers beyond 2^53 as bigint. */
export type JsonValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly JsonValue[]
  | { readonly [key: string]: JsonValue };

const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;
const NOT_FINITE = /^-?(NaN|Inf|Infinity)$/;

/** Reads the value at the reader's place: for small documents, not for tensors. */
export function readValue(reader: JsonReader, depth = 0): JsonValue {
  if (depth > MAX_DEPTH) throw reader.fail(`nested deeper than ${MAX_DEPTH}`);
  switch (reader.peek()) {
    case 34:
      return reader.string();
    case 91: {
      const list: JsonValue[] = [];
      reader.list(() => list.push(readValue(reader, depth + 1)));
      return list;
    }
    case 123: {
      const object: Record<string, JsonValue> = Object.create(null);
      reader.object((key) => {
        object[key] = readValue(reader, depth + 1);
      });
      return object;
    }
    default:
      return readScalar(reader);
  }
}

function readScalar(reader: JsonReader): JsonValue {
  const at = reader.position;
  const text = reader.token();
  if (text === "true") return true;
  if (text === "false") return false;
  if (text === "null") return null;
  if (NUMBER.test(text)) {
    const number = Number(text);
    // No 64-bit number has more digits, and making a bigint of very many takes long.
    const exact = !Number.isSafeInteger(number) && text.length <= 20 && /^-?[0-9]+$/.test(text);
    return exact ? BigInt(text) : number;
  }
  if (NOT_FINITE.test(text)) return Number(text.replace(/Inf$/, "Infinity"));
  throw reader.fail("expected a value, found a word that JSON does not have", at);
}
