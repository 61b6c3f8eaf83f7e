import type { VersionPolicy } from "../contract/reload-config.ts";
import { quoteWhole } from "../internal/quote.ts";
import { ALWAYS_THERE, plainName } from "./plain-names.ts";
import { type FieldSchema, fieldsOf, isWrapper, POLICY, ROOTS } from "./schema.ts";
import { type TextMessage, type TextValue, valueIn } from "./text/text-message.ts";

/** Where each member of the result stands in the text: path to offset. */
export type Offsets = Map<string, number>;

/** Thrown by the reader of a text as an error with a place. */
export type FailAt = (at: number, problem: string) => Error;

/**
 * A message in this library's words: camelCase, wrappers unwrapped, integers as `number` where they are exact.
 *
 * @throws what `fail` makes, for a size beyond 2^53
 */
export function toPlain(message: TextMessage, type: string, offsets: Offsets, fail: FailAt): object {
  return type === ROOTS.model
    ? toModelServerConfig(message, offsets, fail)
    : toRecord(message, type, "", { offsets, fail });
}

interface Reading {
  readonly offsets: Offsets;
  readonly fail: FailAt;
}

function toModelServerConfig(message: TextMessage, offsets: Offsets, fail: FailAt): object {
  const reading = { offsets, fail };
  const list = valueIn(message, "model_config_list") as TextMessage | undefined;
  const custom = valueIn(message, "custom_model_config") as TextMessage | undefined;
  if (list !== undefined) offsets.set("models", list.at);
  if (custom !== undefined) offsets.set("customModelConfig", custom.at);
  const models = (list?.fields.get("config")?.values ?? []) as TextMessage[];
  return {
    models: models.map((model, index) =>
      toRecord(model, "tensorflow.serving.ModelConfig", `models[${index}]`, reading),
    ),
    ...(custom === undefined
      ? {}
      : { customModelConfig: toRecord(custom, "google.protobuf.Any", "customModelConfig", reading) }),
  };
}

function toRecord(message: TextMessage, type: string, path: string, reading: Reading): Record<string, unknown> {
  if (path !== "") reading.offsets.set(path, message.at);
  const fields = fieldsOf(type) ?? {};
  const plain: Record<string, unknown> = { ...ALWAYS_THERE[type] };
  for (const [name, { at, values }] of message.fields) {
    const field = fields[name] as FieldSchema;
    const key = plainName(type, name);
    const inner = path === "" ? key : `${path}.${key}`;
    const value = toMember(values, field, inner, reading);
    // Set after what is inside, so that the path leads to the field's name.
    reading.offsets.set(inner, at);
    if (value !== undefined) plain[key] = value;
  }
  return plain;
}

function toMember(values: readonly TextValue[], field: FieldSchema, path: string, reading: Reading): unknown {
  if (field.map) return toMap(values as readonly TextMessage[], field, path, reading);
  const convert = (value: TextValue, where: string) => toValue(value, field, where, reading);
  return field.repeated
    ? values.map((value, index) => convert(value, `${path}[${index}]`))
    : convert(values[0] as TextValue, path);
}

function toMap(entries: readonly TextMessage[], field: FieldSchema, path: string, reading: Reading): object {
  const map: Record<string, unknown> = Object.create(null);
  for (const entry of entries) {
    const key = (valueIn(entry, "key") ?? "") as string;
    const where = `${path}[${quoteWhole(key)}]`;
    map[key] = toValue(valueIn(entry, "value") ?? 0n, field, where, reading);
    reading.offsets.set(where, entry.at);
  }
  return map;
}

function toValue(value: TextValue, field: FieldSchema, path: string, reading: Reading): unknown {
  const { type } = field;
  if (type === POLICY) return toPolicy(value as TextMessage, path, reading);
  const inner = fieldsOf(type);
  if (inner !== undefined) {
    if (!isWrapper(type)) return toRecord(value as TextMessage, type, path, reading);
    const wrapped = inner["value"] as FieldSchema;
    const content = valueIn(value as TextMessage, "value") ?? EMPTY[wrapped.type];
    return toValue(content as TextValue, wrapped, path, reading);
  }
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  if (Number.isSafeInteger(number)) return number;
  if (field.version) return value;
  throw reading.fail(reading.offsets.get(path) ?? 0, `expected ${path} up to 2^53-1, found ${value}`);
}

const EMPTY: Readonly<Record<string, TextValue>> = { int64: 0n, bool: false, string: "" };

/** A policy without a choice is none: the server takes its default for both. */
function toPolicy(policy: TextMessage, path: string, reading: Reading): VersionPolicy | undefined {
  if (policy.fields.has("all")) return "all";
  const choice = (name: "latest" | "specific") => {
    const message = valueIn(policy, name) as TextMessage | undefined;
    return message && toRecord(message, `${POLICY}.${name === "latest" ? "Latest" : "Specific"}`, path, reading);
  };
  const latest = choice("latest");
  if (latest !== undefined) return { latest: (latest["numVersions"] ?? 0) as number };
  const specific = choice("specific");
  return specific && { specific: (specific["versions"] ?? []) as number[] };
}
