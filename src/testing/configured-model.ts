import type { ModelConfig, VersionPolicy } from "../contract/reload-config.ts";
import { toVersionNumber } from "./version-number.ts";

/** A model as a reload names it. Empty text where the request leaves a field out. */
export interface ConfiguredModel {
  readonly name: string;
  readonly basePath: string;
  readonly platform: string;
  readonly policy: VersionPolicy;
  readonly labels: ReadonlyMap<string, bigint>;
  readonly hasLoggingConfig: boolean;
}

/** A model of the contract's configuration as the server keeps it; a platform left out is `tensorflow`. */
export function toConfiguredModel(model: ModelConfig): ConfiguredModel {
  return {
    name: model.name,
    basePath: model.basePath,
    platform: model.platform ?? "tensorflow",
    policy: model.versionPolicy ?? { latest: 1 },
    labels: new Map(Object.entries(model.versionLabels ?? {}).map(([label, to]) => [label, toVersionNumber(to)])),
    hasLoggingConfig: false,
  };
}
