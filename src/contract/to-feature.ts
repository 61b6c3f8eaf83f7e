import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { count } from "../tensor/count.ts";
import { encodeText, isBytes } from "../tensor/string-source.ts";
import { toInt64 } from "../tensor/write-elements.ts";
import type { Feature } from "./example.ts";

type Kind = "float" | "int64" | "bytes";

const KINDS: readonly Kind[] = ["float", "int64", "bytes"];

/**
 * A feature of a plain value, of a list, or of a kind said outright. `subject` and `name` are for messages.
 *
 * @throws ServingError (INVALID_ARGUMENT) for a value without a kind, for lists of mixed kinds, and beyond int64
 */
export function toFeature(value: unknown, subject: string, name: string): Feature {
  const where = `${subject}: feature ${JSON.stringify(name)}`;
  const typed = fromTypedArray(value);
  if (typed) return typed;
  if (Array.isArray(value)) return fromList(value, where);
  const kind = kindOf(value);
  if (kind !== undefined) return build(kind, [value], () => where);
  if (typeof value === "object" && value !== null && !ArrayBuffer.isView(value)) return fromExplicit(value, where);
  throw invalidArgument(`${where}: ${explainNoKind(value)}`);
}

function fromTypedArray(value: unknown): Feature | undefined {
  if (!ArrayBuffer.isView(value)) return undefined;
  switch ((value as Partial<Float32Array>)[Symbol.toStringTag] as string | undefined) {
    case "Float32Array":
      return { kind: "float", values: value as Float32Array };
    case "Float64Array":
      return { kind: "float", values: new Float32Array(value as Float64Array) };
    case "BigInt64Array":
      return { kind: "int64", values: value as BigInt64Array };
    default:
      return undefined;
  }
}

function fromList(list: readonly unknown[], where: string): Feature {
  if (list.length === 0) return { kind: "none" };
  const kind = kindOf(list[0]);
  if (kind === undefined) throw invalidArgument(`${where} at [0]: ${explainNoKind(list[0])}`);
  for (let i = 1; i < list.length; i++) {
    const other = kindOf(list[i]);
    if (other === kind) continue;
    throw invalidArgument(
      other === undefined
        ? `${where} at [${i}]: ${explainNoKind(list[i])}`
        : `${where} at [${i}]: ${describeType(list[i])} (${other}) in a list of ${kind}, expected one kind`,
    );
  }
  return build(kind, list, (i) => `${where} at [${i}]`);
}

function fromExplicit(value: object, where: string): Feature {
  const members = Object.entries(value);
  const [kind, given] = members[0] ?? [];
  if (members.length !== 1 || !isKind(kind)) {
    throw invalidArgument(
      `${where}: expected a value, a list, or one of { float }, { int64 }, { bytes }, found ${describeForm(value, members.length)}`,
    );
  }
  const typed = fromTypedArray(given);
  if (typed !== undefined) {
    if (typed.kind === kind) return typed;
    throw invalidArgument(`${where}: expected ${kind}, found ${describeType(given)}`);
  }
  if (Array.isArray(given)) return build(kind, given, (i) => `${where} at [${i}]`);
  return build(kind, [given], () => where);
}

function isKind(name: unknown): name is Kind {
  return KINDS.includes(name as Kind);
}

function describeForm(value: object, members: number): string {
  const type = describeType(value);
  if (type !== "an object") return type;
  return members === 1 ? "an object with another member" : `an object with ${count(members, "member")}`;
}

function build(kind: Kind, list: readonly unknown[], whereIs: (index: number) => string): Feature {
  switch (kind) {
    case "float": {
      const values = new Float32Array(list.length);
      for (let i = 0; i < list.length; i++) {
        const value = list[i];
        if (typeof value !== "number") throw refused(kind, whereIs(i), value);
        values[i] = value;
      }
      return { kind, values };
    }
    case "int64": {
      const values = new BigInt64Array(list.length);
      for (let i = 0; i < list.length; i++) {
        const value = list[i];
        const integer = toInt64(typeof value === "boolean" ? Number(value) : value);
        if (integer === undefined) throw refused(kind, whereIs(i), value);
        values[i] = integer;
      }
      return { kind, values };
    }
    case "bytes": {
      const values = new Array<Uint8Array>(list.length);
      for (let i = 0; i < list.length; i++) {
        const value = list[i];
        if (typeof value === "string") values[i] = encodeText(value);
        else if (isBytes(value)) values[i] = value;
        else throw refused(kind, whereIs(i), value);
      }
      return { kind, values };
    }
  }
}

const EXPECTED: Readonly<Record<Kind, string>> = {
  float: "a number (float)",
  int64: "a bigint from -2^63 to 2^63-1, a safe integer or a boolean (int64)",
  bytes: "a string or a Uint8Array (bytes)",
};

/** Names the kind of value and how it misses, never the value: that is payload. */
function refused(kind: Kind, where: string, value: unknown): Error {
  let found = describeType(value);
  if (kind === "int64" && typeof value === "bigint") found = "a bigint out of range";
  if (kind === "int64" && typeof value === "number") found = "another number";
  return invalidArgument(`${where}: expected ${EXPECTED[kind]}, found ${found}`);
}

function kindOf(value: unknown): Kind | undefined {
  switch (typeof value) {
    case "number":
      return "float";
    case "bigint":
      return "int64";
    case "string":
      return "bytes";
    default:
      return isBytes(value) ? "bytes" : undefined;
  }
}

function explainNoKind(value: unknown): string {
  const hint = typeof value === "boolean" ? "; say { int64: true } for 1 and 0" : "";
  return `expected a number, bigint, string or Uint8Array, found ${describeType(value)}${hint}`;
}
