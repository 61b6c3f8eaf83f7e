import type { BatchingParameters } from "./batching-parameters.ts";
import type { ModelServerConfig } from "./model-server-config.ts";
import type { MonitoringConfig } from "./monitoring-config.ts";
import { type ConfigKind, ROOTS } from "./schema.ts";
import { printText } from "./text/print-text.ts";
import { toTextMessage } from "./to-text-message.ts";

/**
 * A model config file for the server. A platform that is left out is written as `"tensorflow"`, one that is `""` is not
 * written; what `parseModelConfig` reads in the result is what was given.
 *
 * @throws TypeError naming the member that no file can hold
 */
export function printModelConfig(config: ModelServerConfig): string {
  return print(config, "model");
}

/**
 * A batching file for the server, with the members that are given and no others.
 *
 * @throws TypeError naming the member that no file can hold
 */
export function printBatching(config: BatchingParameters): string {
  return print(config, "batching");
}

/**
 * A monitoring file for the server.
 *
 * @throws TypeError naming the member that no file can hold
 */
export function printMonitoring(config: MonitoringConfig): string {
  return print(config, "monitoring");
}

function print(config: unknown, kind: ConfigKind): string {
  const message = toTextMessage(config, ROOTS[kind], (_path, problem) => {
    throw new TypeError(problem);
  });
  return printText(message, ROOTS[kind]);
}
