import { quote } from "./quote.ts";

/** What was found, for messages on wrong arguments: `"fast"`, `-1`, `null`, `an array`, `a function`. */
export function describeValue(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value === "number" || typeof value === "boolean" || value === undefined || value === null)
    return String(value);
  if (typeof value === "bigint") return `${value}n`;
  return describeType(value);
}

/** The kind of a value and nothing of the value itself, where that may be a secret or a payload. */
export function describeType(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object") return `a ${typeof value}`;
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? withArticle(name) : "an object";
}

/** `a Float32Array`, `an Int32Array`. */
export function withArticle(name: string): string {
  return `${/^[aeioAEIO]/.test(name) ? "an" : "a"} ${name}`;
}
