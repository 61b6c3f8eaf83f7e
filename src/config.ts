/**
 * Door `tfserving/config`: the files that configure a server (models, batching, monitoring): read, written, checked,
 * compared. Nothing here opens a connection.
 */
export type { BatchingParameters } from "./config/batching-parameters.ts";
export { check } from "./config/check.ts";
export type { CheckOptions } from "./config/check-options.ts";
export type { ConfigProblem, ConfigRule } from "./config/config-problem.ts";
export { ConfigSyntaxError, type Place } from "./config/config-syntax-error.ts";
export type { LoggingConfig, PackedMessage, SamplingConfig } from "./config/logging-config.ts";
export type { FileModelConfig, ModelServerConfig } from "./config/model-server-config.ts";
export type { MonitoringConfig, PrometheusConfig } from "./config/monitoring-config.ts";
export { parseBatching, parseModelConfig, parseMonitoring } from "./config/parse-config.ts";
export { plan } from "./config/plan.ts";
export { printBatching, printModelConfig, printMonitoring } from "./config/print-config.ts";
export { printPlan } from "./config/print-plan.ts";
export { type AnyReadConfig, type ConfigOf, type ReadConfig, readConfig } from "./config/read-config.ts";
export type { Change, LabelChange, ModelChange, PlanOptions, ReloadPlan } from "./config/reload-plan.ts";
export type { ConfigKind } from "./config/schema.ts";
export { MAX_CONFIG_BYTES } from "./config/text/scanner.ts";
export { toReloadConfig } from "./config/to-reload-config.ts";
export type { Version } from "./contract/model-spec.ts";
export type { ModelConfig, VersionPolicy } from "./contract/reload-config.ts";
