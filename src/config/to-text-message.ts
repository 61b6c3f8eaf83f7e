import { describeType, describeValue } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote, quoteWhole } from "../internal/quote.ts";
import { DEFAULT_PLATFORM, isModelConfig, plainName } from "./plain-names.ts";
import { ENUMS, type FieldSchema, fieldsOf, isWrapper, POLICY, ROOTS } from "./schema.ts";
import type { TextMessage, TextValue } from "./text/text-message.ts";

/** Told of each member that no file can hold: where it is, and what was expected and found. */
export type Report = (path: string, problem: string) => void;

/**
 * The message that a configuration in this library's words stands for. What is wrong with it is reported, not thrown,
 * and left out of the message: types cannot be trusted where configurations come from JSON or JavaScript.
 */
export function toTextMessage(config: unknown, type: string, report: Report): TextMessage {
  const message = type === ROOTS.model ? fromModelServerConfig(config, report) : fromRecord(config, type, "", report);
  return message ?? empty();
}

function fromModelServerConfig(config: unknown, report: Report): TextMessage | undefined {
  if (!isRecord(config, "the configuration", "", report)) return undefined;
  checkKeys(config, ["models", "customModelConfig"], "", report);
  const { models, customModelConfig: custom } = config;
  const message = empty();
  if (!Array.isArray(models)) {
    if (models !== undefined || custom === undefined)
      report("models", `models must be an array, got ${describeType(models)}`);
  } else if (custom === undefined || models.length > 0) {
    const list = empty();
    const values = Array.from(models as unknown[], (model, index) =>
      fromRecord(model, "tensorflow.serving.ModelConfig", `models[${index}]`, report),
    ).filter((model) => model !== undefined);
    if (values.length > 0) list.fields.set("config", { at: 0, values });
    message.fields.set("model_config_list", { at: 0, values: [list] });
  }
  if (custom === undefined) return message;
  if (message.fields.size > 0) report("customModelConfig", "customModelConfig and models exclude each other, got both");
  const packed = fromRecord(custom, "google.protobuf.Any", "customModelConfig", report);
  if (packed) message.fields.set("custom_model_config", { at: 0, values: [packed] });
  return message;
}

function fromRecord(value: unknown, type: string, path: string, report: Report): TextMessage | undefined {
  if (!isRecord(value, path === "" ? "the configuration" : path, path, report)) return undefined;
  const fields = fieldsOf(type) ?? {};
  const names = Object.keys(fields).map((name) => plainName(type, name));
  checkKeys(value, names, path, report);
  const message = empty();
  for (const [name, field] of Object.entries(fields)) {
    const key = plainName(type, name);
    const member = Object.hasOwn(value, key) ? value[key] : undefined;
    const values = fromMember(
      member ?? defaultOf(type, name, value),
      field,
      path === "" ? key : `${path}.${key}`,
      report,
    );
    if (values.length > 0) message.fields.set(name, { at: 0, values });
  }
  return message;
}

/** A model that says nothing of a platform gets the one that a reload would give it. */
function defaultOf(type: string, name: string, model: Readonly<Record<string, unknown>>): unknown {
  const isOpen = isModelConfig(type) && name === "model_platform" && model["modelType"] === undefined;
  return isOpen ? DEFAULT_PLATFORM : undefined;
}

function fromMember(value: unknown, field: FieldSchema, path: string, report: Report): TextValue[] {
  // An empty text and none are the same to protobuf.
  if (value === undefined || (value === "" && field.type === "string")) return [];
  if (field.map) return fromMap(value, field, path, report);
  if (!field.repeated) return single(fromValue(value, field, path, report));
  if (!Array.isArray(value)) {
    report(path, `${path} must be an array, got ${describeType(value)}`);
    return [];
  }
  return Array.from(value as unknown[]).flatMap((item, index) =>
    single(fromValue(item, field, `${path}[${index}]`, report)),
  );
}

function fromMap(value: unknown, field: FieldSchema, path: string, report: Report): TextValue[] {
  if (!isRecord(value, path, path, report)) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const where = `${path}[${quoteWhole(key)}]`;
    if (!isText(key)) report(where, `${path} has a key that is half a surrogate pair`);
    const content = fromScalar(item, field, where, report);
    if (content === undefined) return [];
    const entry = empty();
    entry.fields.set("key", { at: 0, values: [key] });
    entry.fields.set("value", { at: 0, values: [content] });
    return [entry];
  });
}

function fromValue(value: unknown, field: FieldSchema, path: string, report: Report): TextValue | undefined {
  const { type } = field;
  if (type === POLICY) return fromPolicy(value, path, report);
  const inner = fieldsOf(type);
  if (inner === undefined) return fromScalar(value, field, path, report);
  if (!isWrapper(type)) return fromRecord(value, type, path, report);
  const content = fromScalar(value, inner["value"] as FieldSchema, path, report);
  if (content === undefined) return undefined;
  const wrapper = empty();
  wrapper.fields.set("value", { at: 0, values: [content] });
  return wrapper;
}

function fromPolicy(policy: unknown, path: string, report: Report): TextMessage | undefined {
  const message = empty();
  if (policy === "all") {
    message.fields.set("all", { at: 0, values: [empty()] });
    return message;
  }
  const isObject = typeof policy === "object" && policy !== null && !Array.isArray(policy);
  if (isObject) checkKeys(policy, ["latest", "specific"], path, report);
  const choices = ["latest", "specific"].filter((name) => isObject && Object.hasOwn(policy, name));
  if (choices.length !== 1) {
    const got = choices.length === 2 ? "both latest and specific" : describeValue(policy);
    report(path, `${path} must be "all", { latest: count } or { specific: versions }, got ${got}`);
    return undefined;
  }
  const [name = ""] = choices;
  const field = name === "latest" ? "num_versions" : "versions";
  const type = `${POLICY}.${name === "latest" ? "Latest" : "Specific"}`;
  const value = (policy as Readonly<Record<string, unknown>>)[name];
  const values = fromMember(value, fieldsOf(type)?.[field] as FieldSchema, `${path}.${name}`, report);
  const inner = empty();
  // A count of 0 and none are the same to protobuf, and the server reads both as 1.
  if (values.length > 0 && value !== 0) inner.fields.set(field, { at: 0, values });
  message.fields.set(name, { at: 0, values: [inner] });
  return message;
}

function fromScalar(value: unknown, field: FieldSchema, path: string, report: Report): TextValue | undefined {
  const { type } = field;
  const refuse = (expected: string) => report(path, `${path} must be ${expected}, got ${describeValue(value)}`);
  switch (type) {
    case "string":
      if (typeof value === "string" && isText(value)) return value;
      return void refuse("text, without half of a surrogate pair");
    case "bytes":
      return value instanceof Uint8Array ? value : void refuse("a Uint8Array");
    case "bool":
      return typeof value === "boolean" ? value : void refuse("true or false");
    case "double":
      return typeof value === "number" ? value : void refuse("a number");
    case "int32":
      return isWithin(value, -(2 ** 31), 2 ** 31 - 1) ? BigInt(value) : void refuse("a whole number of 32 bits");
    case "uint32":
      return isWithin(value, 0, 2 ** 32 - 1) ? BigInt(value) : void refuse("a whole number from 0 to 4294967295");
    case "int64":
      if (field.version && typeof value === "bigint" && BigInt.asIntN(64, value) === value) return value;
      if (isWithin(value, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)) return BigInt(value);
      return void refuse(field.version ? "a whole number of 64 bits, a bigint beyond 2^53-1" : "a whole number");
    default:
      return fromEnum(value, type, refuse);
  }
}

function fromEnum(value: unknown, type: string, refuse: (expected: string) => void): TextValue | undefined {
  const names = ENUMS[type] ?? {};
  if (typeof value === "string" && Object.hasOwn(names, value)) return value;
  if (isWithin(value, -(2 ** 31), 2 ** 31 - 1))
    return Object.keys(names).find((name) => names[name] === value) ?? value;
  return void refuse(`one of ${Object.keys(names).join(", ")}`);
}

function checkKeys(value: object, known: readonly string[], path: string, report: Report): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const where = path === "" ? key : `${path}.${key}`;
    report(
      where,
      `${path === "" ? "the configuration" : path} has the unknown key ${quote(key)}${didYouMean(key, known)}`,
    );
  }
}

function isRecord(
  value: unknown,
  what: string,
  path: string,
  report: Report,
): value is Readonly<Record<string, unknown>> {
  if (typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array))
    return true;
  report(path, `${what} must be an object, got ${describeType(value)}`);
  return false;
}

function isWithin(value: unknown, least: number, most: number): value is number {
  return Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
}

function isText(value: string): boolean {
  return !/\p{Cs}/u.test(value);
}

function single(value: TextValue | undefined): TextValue[] {
  return value === undefined ? [] : [value];
}

function empty(): TextMessage {
  return { at: 0, fields: new Map() };
}
