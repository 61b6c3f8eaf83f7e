/**
 * JSON for programs, on one line. What JSON has no word for: an integer beyond 2^53 and a number that is not finite
 * become strings, bytes become text where they are UTF-8 and else `{"b64": "…"}`. Nothing in it can steer a terminal.
 */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value, function (this: Record<string, unknown>, key) {
    // Not the second argument: a Buffer has turned itself into an object by then.
    const item = this[key];
    if (typeof item === "bigint") return Number.isSafeInteger(Number(item)) ? Number(item) : String(item);
    if (typeof item === "number" && !Number.isFinite(item)) return String(item);
    return item instanceof Uint8Array ? toText(item) : item;
  });
  return text.replace(STEERS, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** What JSON may hold as it is, and a terminal obeys or shows in another order: the same value in other letters. */
const STEERS = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

function toText(bytes: Uint8Array): unknown {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { b64: Buffer.from(bytes).toString("base64") };
  }
}
