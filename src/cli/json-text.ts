/**
 * JSON for programs, on one line. What JSON has no word for: an integer beyond 2^53 and a number that is not finite
 * become strings, bytes become text where they are UTF-8 and else `{"b64": "…"}`.
 */
export function toJson(value: unknown): string {
  return JSON.stringify(value, function (this: Record<string, unknown>, key) {
    // Not the second argument: a Buffer has turned itself into an object by then.
    const item = this[key];
    if (typeof item === "bigint") return Number.isSafeInteger(Number(item)) ? Number(item) : String(item);
    if (typeof item === "number" && !Number.isFinite(item)) return String(item);
    return item instanceof Uint8Array ? toText(item) : item;
  });
}

function toText(bytes: Uint8Array): unknown {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return { b64: Buffer.from(bytes).toString("base64") };
  }
}
