import { Cancellation } from "../internal/cancellation.ts";
import type { BatchingRules } from "./check-batch.ts";
import { type ConfiguredModel, toConfiguredModel } from "./configured-model.ts";
import type { ModelDefinition, VersionDirectory } from "./model-definition.ts";
import { ModelRegistry } from "./model-registry.ts";
import { ModelStorage } from "./model-storage.ts";
import { ServerConfig } from "./server-config.ts";

export interface ServingCoreOptions {
  readonly models: Readonly<Record<string, ModelDefinition>>;
  /** Base paths that the server does not know at the start; a reload may name them. */
  readonly storage?: Readonly<Record<string, VersionDirectory>> | undefined;
  /** Lets a label that is not in use yet point to a version that is not loaded. @default false */
  readonly allowVersionLabelsForUnavailableModels?: boolean | undefined;
  /** Refuses what a server with `--enable_batching` refuses. @default no batching, so that anything goes */
  readonly batching?: BatchingRules | undefined;
}

/** What the server knows from one start to the next. */
export interface Life {
  readonly storage: ModelStorage;
  readonly registry: ModelRegistry;
  readonly config: ServerConfig;
  readonly ending: Cancellation;
}

/** A server before its first start. @throws TypeError when a model has no versions */
export function beginLife(options: ServingCoreOptions): Life {
  const models = Object.entries(options.models);
  for (const [name, model] of models) {
    if (Object.keys(model.versions).length === 0) throw new TypeError(`model "${name}" has no versions`);
  }
  const storage = new ModelStorage({
    ...options.storage,
    ...Object.fromEntries(models.map(([name, model]) => [basePathOf(name), model.versions])),
  });
  const registry = new ModelRegistry(storage);
  const allowUnavailable = options.allowVersionLabelsForUnavailableModels ?? false;
  const config = new ServerConfig(registry, configuredModels(options), allowUnavailable);
  return { storage, registry, config, ending: new Cancellation() };
}

/** Where the models of the options lie. */
export function basePathOf(model: string): string {
  return `/models/${model}`;
}

/** The models of the options as the server is configured with them when it starts. */
export function configuredModels(options: ServingCoreOptions): readonly ConfiguredModel[] {
  return Object.entries(options.models).map(([name, { versionPolicy, labels: versionLabels }]) =>
    toConfiguredModel({ name, basePath: basePathOf(name), versionPolicy, versionLabels }),
  );
}
