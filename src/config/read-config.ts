import type { BatchingParameters } from "./batching-parameters.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { ConfigSyntaxError } from "./config-syntax-error.ts";
import { type JsonNode, readJson } from "./json/json-document.ts";
import { jsonToTextMessage, toSnakeCase } from "./json/json-to-text-message.ts";
import { jsonToValue } from "./json/json-to-value.ts";
import { FLAGS, kindOfField } from "./misplaced-field.ts";
import type { ModelServerConfig } from "./model-server-config.ts";
import type { MonitoringConfig } from "./monitoring-config.ts";
import { type ConfigKind, ROOTS } from "./schema.ts";
import { parseText } from "./text/parse-text.ts";
import { Scanner } from "./text/scanner.ts";
import { type Offsets, toPlain } from "./to-plain.ts";
import { toTextMessage } from "./to-text-message.ts";

/** What each kind of file holds. */
export interface ConfigOf {
  readonly model: ModelServerConfig;
  readonly batching: BatchingParameters;
  readonly monitoring: MonitoringConfig;
}

export interface ReadConfig<K extends ConfigKind = ConfigKind> {
  readonly kind: K;
  /** What the file is written in. The server reads only `"text"`. */
  readonly format: "text" | "json";
  readonly config: ConfigOf[K];
  /** What is legal in itself and most likely a mistake: JSON, and a key that is there twice. */
  readonly warnings: readonly ConfigProblem[];
  /** Where a member stands in the file, by its path: `models[0].basePath`. */
  readonly placeOf: (path: string) => { readonly line: number; readonly column: number } | undefined;
}

/** A {@link ReadConfig} of any kind, told apart by its `kind`. */
export type AnyReadConfig = { [K in ConfigKind]: ReadConfig<K> }[ConfigKind];

/**
 * Reads one of the server's configuration files as people write them: text format, or JSON (protobuf's own mapping, or
 * this library's words), which is converted and warned of. Without a `kind` the first field of the file decides; an
 * empty file is a model config file.
 *
 * @throws ConfigSyntaxError
 */
export function readConfig<K extends ConfigKind>(text: string, options: { readonly kind: K }): ReadConfig<K>;
export function readConfig(text: string, options?: { readonly kind?: ConfigKind | undefined }): AnyReadConfig;
export function readConfig(text: string, options: { readonly kind?: ConfigKind | undefined } = {}): AnyReadConfig {
  const scanner = new Scanner(text);
  const { token } = scanner;
  const isJson = token.kind === "symbol" && token.text === "{";
  if (isJson) return readJsonConfig(text, options.kind);
  const kind = options.kind ?? (token.kind === "name" ? kindOfField(token.text) : undefined) ?? "model";
  const { message, notes, placeOf } = parseText(text, kind);
  const offsets: Offsets = new Map();
  const config = toPlain(message, ROOTS[kind], offsets, (at, problem) => new ConfigSyntaxError(problem, placeOf(at)));
  const warnings = notes.map(
    ({ at, path, reason, remedy }): ConfigProblem => ({
      severity: "warning",
      rule: "repeated-key",
      path,
      reason,
      remedy,
      ...placeOf(at),
    }),
  );
  return toResult({ kind, format: "text", config, warnings, placeOf: placeAt(offsets, placeOf) });
}

function readJsonConfig(text: string, wanted: ConfigKind | undefined): AnyReadConfig {
  const scanner = new Scanner(text, "json");
  const placeOf = (at: number) => scanner.placeOf(at);
  const fail = (at: number, problem: string) => new ConfigSyntaxError(problem, placeOf(at));
  const node = readJson(scanner);
  const kind = wanted ?? kindOfJson(node);
  const offsets: Offsets = new Map();
  const isOurs =
    node.value instanceof Map && OWN_KEYS[kind].some((key) => (node.value as Map<string, unknown>).has(key));
  let message: ReturnType<typeof toTextMessage>;
  if (isOurs) {
    const own = jsonToValue(node, offsets);
    message = toTextMessage(own, ROOTS[kind], (path, problem) => {
      throw fail(offsets.get(path) ?? 0, problem);
    });
  } else {
    message = jsonToTextMessage(node, kind, fail);
  }
  const config = toPlain(message, ROOTS[kind], isOurs ? new Map() : offsets, fail);
  const warning: ConfigProblem = {
    severity: "warning",
    rule: "json",
    path: "",
    reason: "the file is JSON, and the server reads text format only: it would not start with this file",
    remedy: `write it as text format for ${FLAGS[kind]}: tfserving config print does it`,
    ...placeOf(node.at),
  };
  return toResult({ kind, format: "json", config, warnings: [warning], placeOf: placeAt(offsets, placeOf) });
}

/** What tells this library's words from protobuf's JSON. Those of a batching file are the same. */
const OWN_KEYS: Readonly<Record<ConfigKind, readonly string[]>> = {
  model: ["models"],
  batching: [],
  monitoring: ["prometheus"],
};

function kindOfJson({ value }: JsonNode): ConfigKind {
  const [first] = value instanceof Map ? value.keys() : [];
  if (first === undefined) return "model";
  const own = (Object.keys(OWN_KEYS) as ConfigKind[]).find((kind) => OWN_KEYS[kind].includes(first));
  return own ?? kindOfField(toSnakeCase(first)) ?? "model";
}

function placeAt(offsets: Offsets, placeOf: Scanner["placeOf"]): ReadConfig["placeOf"] {
  return (path) => {
    const at = offsets.get(path);
    return at === undefined ? undefined : placeOf(at);
  };
}

/** The one place where a kind and its configuration are believed to belong together. */
function toResult(result: Omit<ReadConfig, "config"> & { readonly config: object }): AnyReadConfig {
  return result as AnyReadConfig;
}
