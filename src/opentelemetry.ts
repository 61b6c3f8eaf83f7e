/** Door `tfserving/opentelemetry`: spans, metrics and trace headers. Needs `@opentelemetry/api`, which no other door loads. */
export type { Conventions } from "./opentelemetry/attributes.ts";
export { type OpenTelemetryOptions, openTelemetry } from "./opentelemetry/open-telemetry.ts";
