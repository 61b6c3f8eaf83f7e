import type { BatchingParameters } from "./batching-parameters.ts";
import { ConfigSyntaxError } from "./config-syntax-error.ts";
import type { ModelServerConfig } from "./model-server-config.ts";
import type { MonitoringConfig } from "./monitoring-config.ts";
import { type ConfigKind, ROOTS } from "./schema.ts";
import { parseText } from "./text/parse-text.ts";
import { toPlain } from "./to-plain.ts";

/**
 * Reads a model config file as the server does: protobuf text format, comments skipped. It says whether the file can be
 * read; `check` says whether the server can work with it.
 *
 * A platform, name or base path that the file leaves out is `""`. Versions beyond 2^53 are `bigint`.
 * @throws ConfigSyntaxError with line and column
 */
export function parseModelConfig(text: string): ModelServerConfig {
  return parse(text, "model") as ModelServerConfig;
}

/**
 * Reads a batching file as the server does. Members that the file leaves out are left out.
 *
 * @throws ConfigSyntaxError with line and column, also for a size beyond 2^53
 */
export function parseBatching(text: string): BatchingParameters {
  return parse(text, "batching") as BatchingParameters;
}

/**
 * Reads a monitoring file as the server does.
 *
 * @throws ConfigSyntaxError with line and column
 */
export function parseMonitoring(text: string): MonitoringConfig {
  return parse(text, "monitoring") as MonitoringConfig;
}

function parse(text: string, kind: ConfigKind): object {
  const { message, placeOf } = parseText(text, kind);
  return toPlain(message, ROOTS[kind], new Map(), (at, problem) => new ConfigSyntaxError(problem, placeOf(at)));
}
