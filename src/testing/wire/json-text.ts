import { formatDecimal } from "./decimal.ts";
import { JsonObject, type JsonValue } from "./json-reader.ts";
import { JsonWriter } from "./json-writer.ts";

/** Where messages stop quoting a value: at the first token that ends beyond it. */
const QUOTE_LIMIT_BYTES = 256;

/**
 * A value as error messages quote it. NaN and Infinity inside a list or object end the text, because RapidJSON's
 * writer refuses them.
 */
export function toJsonText(value: JsonValue): string {
  if (typeof value === "number") return formatDecimal(value, Math.fround(value) === value ? 9 : 17);
  const writer = new JsonWriter();
  writer.singleLineArrays = true;
  write(value, writer);
  return new TextDecoder().decode(writer.toBytes());
}

/** False when the text ended before the value did. */
function write(value: JsonValue, writer: JsonWriter): boolean {
  if (writer.length >= QUOTE_LIMIT_BYTES) return false;
  if (value instanceof Uint8Array) writer.string(value);
  else if (value instanceof JsonObject) {
    writer.startObject();
    for (const [name, member] of value.members) {
      writer.string(name);
      if (!write(member, writer)) return false;
    }
    writer.endObject();
  } else if (isArray(value)) {
    writer.startArray();
    for (const item of value) if (!write(item, writer)) return false;
    writer.endArray();
  } else if (typeof value === "number") {
    writer.raw(Number.isFinite(value) ? shortest(value) : "");
    if (!Number.isFinite(value)) return false;
  } else writer.raw(String(value));
  return true;
}

/** The shortest text that reads back to the same double, in RapidJSON's layout. */
function shortest(value: number): string {
  const text = Object.is(value, -0) ? "-0" : String(value).replace("e+", "e");
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** Narrows readonly arrays, which `Array.isArray` does not. */
export function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

/** The type's name in error messages. */
export function typeName(value: JsonValue): string {
  if (value === null) return "Null";
  if (value === true) return "True";
  if (value === false) return "False";
  if (value instanceof Uint8Array) return "String";
  if (isArray(value)) return "Array";
  return value instanceof JsonObject ? "Object" : "Number";
}
