/** Door `tfserving/health`: whether a model is there, and whether it predicts. */
export { createHealthCheck, type HealthCheck } from "./health/health-check.ts";
export type { HealthCheckOptions, OutputPredicate } from "./health/health-options.ts";
export type { HealthCheckResult, HealthLevel, HealthReport, HealthStatus } from "./health/health-report.ts";
