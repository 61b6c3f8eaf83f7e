import { didYouMean } from "../internal/did-you-mean.ts";
import { type ConfigKind, fieldsOf, isWrapper, MESSAGES, POLICY, ROOTS, shortName } from "./schema.ts";

/** The flag that names each file to the server. */
export const FLAGS: Readonly<Record<ConfigKind, string>> = {
  model: "--model_config_file",
  batching: "--batching_parameters_file",
  monitoring: "--monitoring_config_file",
};

/** Keys of files that this library does not read, and the flags that name those files. */
const OTHER_FILES: Readonly<Record<string, string>> = {
  server_key: "--ssl_config_file",
  server_cert: "--ssl_config_file",
  custom_ca: "--ssl_config_file",
  client_verify: "--ssl_config_file",
  platform_configs: "--platform_config_file",
  gpu_options: "--tensorflow_session_config_file",
  intra_op_parallelism_threads: "--tensorflow_session_config_file",
  inter_op_parallelism_threads: "--tensorflow_session_config_file",
  allow_soft_placement: "--tensorflow_session_config_file",
};

/** What stands on the server's command line and in none of its files. */
const COMMAND_LINE = [
  "port",
  "rest_api_port",
  "rest_api_num_threads",
  "rest_api_timeout_in_ms",
  "grpc_max_threads",
  "model_name",
  "model_base_path",
  "enable_batching",
  "enable_model_warmup",
  "file_system_poll_wait_seconds",
  "model_config_file_poll_wait_seconds",
  "allow_version_labels_for_unavailable_models",
  "per_process_gpu_memory_fraction",
  "max_num_load_retries",
];

/**
 * Where a field that `message` does not have belongs, or what was meant by it, ready to be put at the end of a message:
 * `; it belongs in the batching file (--batching_parameters_file)`.
 */
export function misplacedField(name: string, message: string, kind: ConfigKind): string {
  const here = holdersOf(name, ROOTS[kind]);
  if (here.length > 0) return `; it belongs in ${here.map((holder) => blockOf(holder, kind)).join(" or ")}`;
  for (const other of Object.keys(ROOTS) as ConfigKind[]) {
    if (other !== kind && holdersOf(name, ROOTS[other]).length > 0)
      return `; it belongs in the ${other} file (${FLAGS[other]})`;
  }
  const file = Object.hasOwn(OTHER_FILES, name) ? OTHER_FILES[name] : undefined;
  if (file !== undefined) return `; it belongs in the file of ${file}`;
  if (COMMAND_LINE.includes(name)) return `; it is an option of the server's command line, --${name}`;
  return didYouMean(name, Object.keys(fieldsOf(message) ?? {}));
}

/** The kind of file whose messages have a field of this name, its own fields first. */
export function kindOfField(name: string): ConfigKind | undefined {
  const kinds = Object.keys(ROOTS) as ConfigKind[];
  return (
    kinds.find((kind) => Object.hasOwn(fieldsOf(ROOTS[kind]) ?? {}, name)) ??
    kinds.find((kind) => holdersOf(name, ROOTS[kind]).length > 0)
  );
}

/** Messages below `root` that have the field; `value` and the like are nobody's in particular. */
function holdersOf(name: string, root: string): string[] {
  if (name === "value" || name === "type_url" || name === "type") return [];
  return messagesBelow(root).filter((message) => Object.hasOwn(fieldsOf(message) ?? {}, name));
}

function messagesBelow(root: string, found: string[] = []): string[] {
  if (found.includes(root) || isWrapper(root)) return found;
  found.push(root);
  for (const { type } of Object.values(fieldsOf(root) ?? {}))
    if (Object.hasOwn(MESSAGES, type)) messagesBelow(type, found);
  return found;
}

/** How the block of a message is written: `config { … }`. */
function blockOf(message: string, kind: ConfigKind): string {
  if (message === ROOTS[kind]) return "the outermost level";
  if (message === POLICY) return "model_version_policy { … }";
  for (const holder of messagesBelow(ROOTS[kind])) {
    for (const [name, { type }] of Object.entries(fieldsOf(holder) ?? {})) if (type === message) return `${name} { … }`;
  }
  return shortName(message);
}
