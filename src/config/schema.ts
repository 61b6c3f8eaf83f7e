/** Types of single values. */
export const SCALARS = ["string", "bytes", "bool", "int32", "uint32", "int64", "double"] as const;
export type ScalarType = (typeof SCALARS)[number];

/** One field of a message, in the words of its .proto file. */
export interface FieldSchema {
  /** A scalar, or the full name of a message or an enum. Of a map: the type of its values; keys are strings. */
  readonly type: string;
  readonly repeated?: true;
  readonly map?: true;
  /** Of the fields with the same word at most one is set. */
  readonly oneof?: string;
  /** An int64 that is a model version: up to 2^63-1, where all others are sizes and times. */
  readonly version?: true;
}

const SERVING = "tensorflow.serving";
export const POLICY = `${SERVING}.FileSystemStoragePathSourceConfig.ServableVersionPolicy`;
const INT64 = "google.protobuf.Int64Value";
const BOOL = "google.protobuf.BoolValue";
const STRING = "google.protobuf.StringValue";

/**
 * The messages that the server's configuration files are made of, field by field in the order in which they are
 * printed. Types are those of the server's .proto files.
 */
export const MESSAGES: Readonly<Record<string, Readonly<Record<string, FieldSchema>>>> = {
  [`${SERVING}.ModelServerConfig`]: {
    model_config_list: { type: `${SERVING}.ModelConfigList`, oneof: "config" },
    custom_model_config: { type: "google.protobuf.Any", oneof: "config" },
  },
  [`${SERVING}.ModelConfigList`]: {
    config: { type: `${SERVING}.ModelConfig`, repeated: true },
  },
  [`${SERVING}.ModelConfig`]: {
    name: { type: "string" },
    base_path: { type: "string" },
    model_type: { type: `${SERVING}.ModelType` },
    model_platform: { type: "string" },
    model_version_policy: { type: POLICY },
    version_labels: { type: "int64", map: true, version: true },
    logging_config: { type: `${SERVING}.LoggingConfig` },
  },
  [POLICY]: {
    latest: { type: `${POLICY}.Latest`, oneof: "policy_choice" },
    all: { type: `${POLICY}.All`, oneof: "policy_choice" },
    specific: { type: `${POLICY}.Specific`, oneof: "policy_choice" },
  },
  [`${POLICY}.Latest`]: { num_versions: { type: "uint32" } },
  [`${POLICY}.All`]: {},
  [`${POLICY}.Specific`]: { versions: { type: "int64", repeated: true, version: true } },
  [`${SERVING}.LoggingConfig`]: {
    log_collector_config: { type: `${SERVING}.LogCollectorConfig` },
    sampling_config: { type: `${SERVING}.SamplingConfig` },
    custom_logging_config: { type: "google.protobuf.Any" },
  },
  [`${SERVING}.LogCollectorConfig`]: {
    type: { type: "string" },
    filename_prefix: { type: "string" },
  },
  [`${SERVING}.SamplingConfig`]: {
    sampling_rate: { type: "double" },
    per_task_sampling_configs: { type: `${SERVING}.PerTaskSamplingConfig`, repeated: true },
    attributes: { type: "int32" },
  },
  [`${SERVING}.PerTaskSamplingConfig`]: {
    dc: { type: "string" },
    task_index: { type: "int32" },
    sampling_rate: { type: "double" },
  },
  [`${SERVING}.BatchingParameters`]: {
    max_batch_size: { type: INT64 },
    batch_timeout_micros: { type: INT64 },
    max_enqueued_batches: { type: INT64 },
    num_batch_threads: { type: INT64 },
    thread_pool_name: { type: STRING },
    enable_large_batch_splitting: { type: BOOL },
    max_execution_batch_size: { type: INT64 },
    allowed_batch_sizes: { type: "int64", repeated: true },
    pad_variable_length_inputs: { type: "bool" },
  },
  [`${SERVING}.MonitoringConfig`]: {
    prometheus_config: { type: `${SERVING}.PrometheusConfig` },
  },
  [`${SERVING}.PrometheusConfig`]: {
    enable: { type: "bool" },
    path: { type: "string" },
  },
  "google.protobuf.Any": {
    type_url: { type: "string" },
    value: { type: "bytes" },
  },
  [INT64]: { value: { type: "int64" } },
  [BOOL]: { value: { type: "bool" } },
  [STRING]: { value: { type: "string" } },
};

export const ENUMS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  [`${SERVING}.ModelType`]: { MODEL_TYPE_UNSPECIFIED: 0, TENSORFLOW: 1, OTHER: 2 },
};

/** Which of the server's files: `--model_config_file`, `--batching_parameters_file`, `--monitoring_config_file`. */
export type ConfigKind = "model" | "batching" | "monitoring";

/** The message that a whole file is. */
export const ROOTS: Readonly<Record<ConfigKind, string>> = {
  model: `${SERVING}.ModelServerConfig`,
  batching: `${SERVING}.BatchingParameters`,
  monitoring: `${SERVING}.MonitoringConfig`,
};

/** The fields of a message by name; undefined for what is no message. */
export function fieldsOf(type: string): Readonly<Record<string, FieldSchema>> | undefined {
  return Object.hasOwn(MESSAGES, type) ? MESSAGES[type] : undefined;
}

/** The fields of one entry of a map. */
export function entryOf({ type, version }: FieldSchema): Readonly<Record<string, FieldSchema>> {
  return { key: { type: "string" }, value: version ? { type, version } : { type } };
}

/** One of the wrapper messages: a single `value` that can be told apart from none. */
export function isWrapper(type: string): boolean {
  return type === INT64 || type === BOOL || type === STRING;
}

/** A message's name without its package, as messages to people show it. */
export function shortName(type: string): string {
  return type.slice(type.lastIndexOf(".") + 1);
}

/** `base_path` as this library writes it: `basePath`. */
export function toCamelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
