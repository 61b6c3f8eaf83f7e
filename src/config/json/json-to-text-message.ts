import { quote } from "../../internal/quote.ts";
import { misplacedField } from "../misplaced-field.ts";
import {
  type ConfigKind,
  ENUMS,
  type FieldSchema,
  fieldsOf,
  isWrapper,
  ROOTS,
  SCALARS,
  shortName,
  toCamelCase,
} from "../schema.ts";
import type { TextMessage, TextValue } from "../text/text-message.ts";
import type { JsonNode, JsonObject } from "./json-document.ts";

type FailAt = (at: number, problem: string) => Error;

/**
 * The message that a JSON document stands for, by protobuf's own mapping: keys in either spelling, 64-bit integers as
 * numbers or strings, enums by name or number, `null` as left out. A wrapper may also be spelled as in text format,
 * `{"value": 128}`.
 *
 * @throws what `fail` makes
 * @see https://protobuf.dev/programming-guides/json/
 */
export function jsonToTextMessage(node: JsonNode, kind: ConfigKind, fail: FailAt): TextMessage {
  return new JsonReader(kind, fail).readMessage(node, ROOTS[kind], "the file");
}

class JsonReader {
  readonly #kind: ConfigKind;
  readonly #fail: FailAt;

  constructor(kind: ConfigKind, fail: FailAt) {
    this.#kind = kind;
    this.#fail = fail;
  }

  readMessage(node: JsonNode, type: string, name: string): TextMessage {
    const fields = fieldsOf(type) ?? {};
    const message: TextMessage = { at: node.at, fields: new Map() };
    for (const [key, { at, node: value }] of this.#objectOf(node, name)) {
      if (key === "@type") {
        throw this.#fail(at, 'expected typeUrl and value, found "@type": this library does not know the packed type');
      }
      const own = Object.keys(fields).find((field) => field === key || toCamelCase(field) === key);
      if (own === undefined) {
        const hint = misplacedField(toSnakeCase(key), type, this.#kind);
        throw this.#fail(at, `${shortName(type)} has no field ${quote(key)}${hint}`);
      }
      if (value.value === null) continue;
      if (message.fields.has(own)) throw this.#fail(at, `expected ${own} once, found it in both spellings`);
      message.fields.set(own, { at, values: this.#valuesOf(value, fields[own] as FieldSchema, own) });
    }
    const [one, two] = [...message.fields.keys()].filter((field) => fields[field]?.oneof !== undefined);
    if (one !== undefined && two !== undefined)
      throw this.#fail(message.fields.get(two)!.at, `expected one of ${one} and ${two}, found both`);
    return message;
  }

  #valuesOf(node: JsonNode, field: FieldSchema, name: string): TextValue[] {
    if (field.map) {
      return Array.from(this.#objectOf(node, name), ([key, { at, node: item }]) => {
        const fields = new Map([
          ["key", { at, values: [key] as TextValue[] }],
          ["value", { at, values: [this.#valueOf(item, field, name)] }],
        ]);
        return { at, fields };
      });
    }
    if (!field.repeated) return [this.#valueOf(node, field, name)];
    if (!Array.isArray(node.value)) throw this.#unexpected(node, `an array for ${name}`);
    return (node.value as readonly JsonNode[]).map((item) => this.#valueOf(item, field, name));
  }

  #valueOf(node: JsonNode, field: FieldSchema, name: string): TextValue {
    const { type } = field;
    if ((SCALARS as readonly string[]).includes(type)) return this.#scalarOf(node, type, name);
    if (Object.hasOwn(ENUMS, type)) return this.#enumOf(node, type, name);
    if (!isWrapper(type) || node.value instanceof Map) return this.readMessage(node, type, name);
    const inner = fieldsOf(type)!["value"] as FieldSchema;
    const { at } = node;
    return { at, fields: new Map([["value", { at, values: [this.#valueOf(node, inner, name)] }]]) };
  }

  #scalarOf(node: JsonNode, type: string, name: string): TextValue {
    const { value } = node;
    switch (type) {
      case "string":
        if (typeof value === "string") return value;
        throw this.#unexpected(node, `a string for ${name}`);
      case "bool":
        if (typeof value === "boolean") return value;
        throw this.#unexpected(node, `true or false for ${name}`);
      case "bytes":
        if (typeof value === "string" && BASE64.test(value)) return Uint8Array.from(Buffer.from(value, "base64"));
        throw this.#unexpected(node, `base64 for ${name}`);
      case "double":
        return this.#doubleOf(node, name);
      default:
        return this.#integerOf(node, type, name);
    }
  }

  #integerOf(node: JsonNode, type: string, name: string): bigint {
    const text = digitsOf(node);
    const bits = type === "int64" ? 64 : 32;
    const value = text !== undefined && /^-?[0-9]{1,20}$/.test(text) ? BigInt(text) : undefined;
    const fits =
      value !== undefined && (type === "uint32" ? BigInt.asUintN(32, value) : BigInt.asIntN(bits, value)) === value;
    if (fits) return value;
    throw this.#unexpected(node, `a whole number of ${bits} bits for ${name}`);
  }

  #doubleOf(node: JsonNode, name: string): number {
    const text = digitsOf(node);
    const value = text === undefined || !NUMERIC.test(text) ? Number.NaN : Number(text);
    if (Number.isNaN(value) && text !== "NaN") throw this.#unexpected(node, `a number for ${name}`);
    return value;
  }

  #enumOf(node: JsonNode, type: string, name: string): TextValue {
    const names = ENUMS[type] ?? {};
    if (typeof node.value === "string") {
      if (Object.hasOwn(names, node.value)) return node.value;
      throw this.#unexpected(node, `one of ${Object.keys(names).join(", ")} for ${name}`);
    }
    const number = Number(this.#integerOf(node, "int32", name));
    return Object.keys(names).find((known) => names[known] === number) ?? number;
  }

  #objectOf(node: JsonNode, name: string): JsonObject {
    if (node.value instanceof Map) return node.value;
    throw this.#unexpected(node, `an object for ${name}`);
  }

  #unexpected(node: JsonNode, expected: string): Error {
    return this.#fail(node.at, `expected ${expected}, found ${describeNode(node)}`);
  }
}

const BASE64 = /^(?:[A-Za-z0-9+/_-]{4})*(?:[A-Za-z0-9+/_-]{2,3}={0,2})?$/;
const NUMERIC = /^(?:-?[0-9.][0-9.eE+-]*|-?Infinity)$/;

function digitsOf({ value }: JsonNode): string | undefined {
  if (typeof value === "string") return value;
  return typeof value === "object" && value !== null && "digits" in value ? value.digits : undefined;
}

function describeNode(node: JsonNode): string {
  const { value } = node;
  if (value instanceof Map) return "an object";
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return quote(value);
  return digitsOf(node)?.slice(0, 40) ?? String(value);
}

/** `basePath` as the .proto files have it: `base_path`. */
export function toSnakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
