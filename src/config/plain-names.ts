import { ROOTS, toCamelCase } from "./schema.ts";

const MODEL = "tensorflow.serving.ModelConfig";

/** Where this library has a word of its own for a field. */
const OWN_NAMES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  [MODEL]: { model_platform: "platform", model_version_policy: "versionPolicy" },
  [ROOTS.monitoring]: { prometheus_config: "prometheus" },
};

/** What a field of a message is called in this library's words. */
export function plainName(message: string, field: string): string {
  return OWN_NAMES[message]?.[field] ?? toCamelCase(field);
}

/** Members that are always there after reading: protobuf knows no difference between empty and left out. */
export const ALWAYS_THERE: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  [MODEL]: { name: "", basePath: "", platform: "" },
  "tensorflow.serving.PrometheusConfig": { enable: false },
  "google.protobuf.Any": { typeUrl: "", value: new Uint8Array() },
};

/** The model's platform where a configuration made here leaves it out, as in a reload. */
export const DEFAULT_PLATFORM = "tensorflow";

export function isModelConfig(message: string): boolean {
  return message === MODEL;
}
