/** Door `tfserving/health`: whether a model is there, whether it predicts, and whether it leaks. */
export { warmUpInputs } from "./assembly/warm-up-inputs.ts";
export type { InputSource, InputsWanted } from "./contract/input-source.ts";
export { type HealthHandler, type HealthHandlerOptions, healthHandler } from "./health/handler/health-handler.ts";
export type { HealthAnswer } from "./health/handler/health-json.ts";
export { createHealthCheck } from "./health/health-check.ts";
export type { HealthCheck } from "./health/health-check-type.ts";
export type { CombinedHealthCheckOptions, HealthCheckOptions, OutputPredicate } from "./health/health-options.ts";
export type { HealthCheckResult, HealthLevel, HealthReport, HealthStatus } from "./health/health-report.ts";
export type { InputsOption } from "./health/inputs/given-inputs.ts";
export { type RandomInputsOptions, randomInputs } from "./health/inputs/random-inputs.ts";
export type { FastFuseState } from "./health/leak/fast-fuse.ts";
export {
  createLeakGuard,
  type LeakGuard,
  type LeakGuardOptions,
  type LeakGuardReport,
  type LeakGuardWindow,
} from "./health/leak/leak-guard.ts";
export type { GrowthWindow, LeakVerdict } from "./health/leak/leak-rule.ts";
export { soak } from "./health/leak/soak.ts";
export type { FiguresSource, RequestCounter, SoakOptions, SoakProgress } from "./health/leak/soak-options.ts";
export type { SoakEnd, SoakReport, SoakSample } from "./health/leak/soak-report.ts";
export { type CgroupMemoryOptions, cgroupMemory } from "./health/memory/cgroup-memory.ts";
export { type DockerMemoryOptions, dockerMemory } from "./health/memory/docker-memory.ts";
export { type KubernetesMemoryOptions, kubernetesMemory } from "./health/memory/kubernetes-memory.ts";
export type { MemoryInput, MemoryReading, MemorySource } from "./health/memory/memory-source.ts";
export { type ProcMemoryOptions, procMemory } from "./health/memory/proc-memory.ts";
export {
  type PrometheusMemoryOptions,
  prometheusMemory,
  type SeriesChoice,
} from "./health/memory/prometheus-memory.ts";
export type { BatchFigures, LatencyFigures, ServerFigures } from "./health/metrics/server-figures.ts";
export { createServerMetrics, type ServerMetrics, type ServerMetricsOptions } from "./health/metrics/server-metrics.ts";
