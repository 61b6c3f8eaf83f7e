/** What a value is and never what it holds, as messages show it: `a number`, `null`, `an Int32Array`. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object") return withArticle(typeof value);
  if (Array.isArray(value)) return "an array";
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "" && name !== "Object" ? withArticle(name) : "an object";
}

/** `a Float32Array`, `an Int32Array`. */
export function withArticle(name: string): string {
  return `${/^[aeioAEIO]/.test(name) ? "an" : "a"} ${name}`;
}

/** `1 row`, `2 rows`. */
export function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? "" : "s"}`;
}
