/** Door `tfserving/health`: whether a model is there, whether it predicts, and whether it leaks. */
export { createHealthCheck, type HealthCheck } from "./health/health-check.ts";
export type { HealthCheckOptions, OutputPredicate } from "./health/health-options.ts";
export type { HealthCheckResult, HealthLevel, HealthReport, HealthStatus } from "./health/health-report.ts";
export type { LeakVerdict } from "./health/leak/leak-rule.ts";
export { soak } from "./health/leak/soak.ts";
export type { RequestCounter, SoakOptions, SoakProgress } from "./health/leak/soak-options.ts";
export type { SoakEnd, SoakReport, SoakSample } from "./health/leak/soak-report.ts";
export type { MemoryInput, MemoryReading, MemorySource } from "./health/memory/memory-source.ts";
