import type { WireField, WireTable } from "../unit/protos/read-protos.ts";
import type { RandomSource } from "./random-source.ts";

/**
 * A message in words that every language has: by proto field name, only the fields that are set. Integers are decimal
 * strings, float and double the hex of their bits, bytes base64, maps lists of pairs in the order of their keys.
 */
export type PlainMessage = { [field: string]: PlainValue };
export type PlainValue = string | number | boolean | PlainMessage | PlainValue[];

const NUMBERS: Readonly<Record<string, readonly bigint[]>> = {
  int32: [0n, 1n, -1n, 127n, -128n, 65_535n, 2n ** 31n - 1n, -(2n ** 31n)],
  uint32: [0n, 1n, 300n, 2n ** 32n - 1n],
  int64: [0n, 1n, -1n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  sint64: [0n, 1n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
  uint64: [0n, 1n, 2n ** 53n + 1n, 2n ** 64n - 1n],
};
const FLOATS = [
  "00000000",
  "3f800000",
  "80000000",
  "7fc00000",
  "7f800000",
  "ff800000",
  "00000001",
  "7f7fffff",
  "3eaaaaab",
];
const DOUBLES = [
  "0000000000000000",
  "3ff0000000000000",
  "8000000000000000",
  "7ff8000000000000",
  "7ff0000000000000",
  "fff0000000000000",
  "0000000000000001",
  "7fefffffffffffff",
  "3fd5555555555555",
];
const STRINGS = ["", "x", "serving_default", "Grüße, 世界 👋", "__proto__", "constructor", "a\u0000b", "n".repeat(300)];
const DEEPEST = 4;

/** Makes random messages of the types in a table. */
export class PlainMessages {
  readonly #table: WireTable;
  readonly #random: RandomSource;

  constructor(table: WireTable, random: RandomSource) {
    this.#table = table;
    this.#random = random;
  }

  /** A random message. Messages nest at most four deep; below, they have no message fields. */
  make(type: string, depth = 0): PlainMessage {
    const message: PlainMessage = {};
    const chosen = this.#chooseOneofs(this.#table.messages[type]!.fields);
    for (const field of this.#table.messages[type]!.fields) {
      if (field.oneof ? !chosen.has(field) : this.#random.chance(0.25)) continue;
      if (depth >= DEEPEST && this.#holdsMessage(field)) continue;
      const value = this.#fieldValue(field, depth);
      if (value !== undefined) message[field.name] = value;
    }
    return message;
  }

  #chooseOneofs(fields: readonly WireField[]): Set<WireField> {
    const names = new Set(fields.flatMap((field) => field.oneof ?? []));
    return new Set(
      [...names].flatMap((name) =>
        this.#random.chance(0.1) ? [] : this.#random.pick(fields.filter((field) => field.oneof === name)),
      ),
    );
  }

  #holdsMessage(field: WireField): boolean {
    return (field.map?.value ?? field.type) in this.#table.messages;
  }

  #fieldValue(field: WireField, depth: number): PlainValue | undefined {
    const { map } = field;
    if (map) {
      const keys = new Set(Array.from({ length: this.#random.below(4) }, () => this.#value(map.key, depth) as string));
      return keys.size === 0 ? undefined : sortPairs([...keys].map((key) => [key, this.#value(map.value, depth)]));
    }
    if (field.repeated) {
      const values = Array.from({ length: this.#random.below(5) }, () => this.#value(field.type, depth));
      return values.length === 0 ? undefined : values;
    }
    const value = this.#value(field.type, depth);
    const tellsPresence = field.optional || field.oneof !== undefined || this.#holdsMessage(field);
    return tellsPresence || !isDefault(field.type, value) ? value : undefined;
  }

  #value(type: string, depth: number): PlainValue {
    const random = this.#random;
    if (type in this.#table.messages) return this.make(type, depth + 1);
    // 12345 is a value of no enum: proto3 passes it on.
    if (type in this.#table.enums)
      return random.chance(0.1) ? 12_345 : random.pick(Object.values(this.#table.enums[type]!));
    switch (type) {
      case "float":
        return random.pick(FLOATS);
      case "double":
        return random.pick(DOUBLES);
      case "bool":
        return random.chance(0.5);
      case "string":
        return random.pick(STRINGS);
      case "bytes":
        return Buffer.from(random.bytes(random.pick([0, 1, 7, 200]))).toString("base64");
      default:
        return String(random.pick(NUMBERS[type]!));
    }
  }
}

/** Whether proto3 leaves a field with this value away. Minus zero of a lone float is held to be one (see README.md). */
function isDefault(type: string, value: PlainValue): boolean {
  if (type === "float" || type === "double") return /^[08]0+$/.test(value as string);
  return value === "" || value === false || value === 0 || value === "0";
}

/** Pairs in the order of their keys, by UTF-16 units, which every map of a plain message is in. */
export function sortPairs(pairs: [string, PlainValue][]): PlainValue[] {
  return pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
