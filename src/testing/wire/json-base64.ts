import { invalid } from "../server-error.ts";
import { JsonObject, type JsonValue } from "./json-reader.ts";

/** Whether a value is `{"b64": "…"}`: that one member, and text. */
export function isBase64Object(value: JsonValue): value is JsonObject {
  return value instanceof JsonObject && value.members.length === 1 && value.find("b64") instanceof Uint8Array;
}

/**
 * The bytes of a `{"b64": "…"}`. Standard alphabet alone, padding or not, white space anywhere.
 *
 * @throws ServerError (INVALID_ARGUMENT)
 * @see abseil strings/escaping.cc Base64Unescape
 */
export function readBase64(value: JsonObject): Uint8Array {
  const text = Buffer.from(value.find("b64") as Uint8Array)
    .toString("latin1")
    .replace(/[\t-\r ]+/g, "");
  const [, digits = "", padding = ""] = /^([A-Za-z0-9+/]*)([=.]*)$/.exec(text) ?? [];
  const isWhole = digits.length + padding.length === text.length;
  const expectedPadding = (4 - (digits.length % 4)) % 4;
  const isPadded = padding.length === 0 || padding.length === expectedPadding;
  if (!isWhole || digits.length % 4 === 1 || !isPadded || hasSpareBits(digits))
    throw invalid("Unable to base64 decode");
  return new Uint8Array(Buffer.from(digits, "base64"));
}

/** Bits of the last digit that belong to no byte have to be zero. */
function hasSpareBits(digits: string): boolean {
  const spare = digits.length % 4;
  if (spare === 0) return false;
  const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".indexOf(digits.at(-1) ?? "");
  return (last & (spare === 2 ? 15 : 3)) !== 0;
}
