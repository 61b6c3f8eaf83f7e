import type { ModelConfig, ReloadConfigRequest } from "../contract/reload-config.ts";
import { check } from "./check.ts";
import type { ModelServerConfig } from "./model-server-config.ts";

/**
 * The `config` of `client.reloadConfig` for what a model config file says. A reload is of models alone, and of those
 * that `check` finds no error in: some errors leave a server that refuses every later reload.
 *
 * @throws TypeError naming the first error
 */
export function toReloadConfig(config: ModelServerConfig): ReloadConfigRequest["config"] {
  const error = check(config, { kind: "model", use: "reload" }).find(({ severity }) => severity === "error");
  if (error !== undefined) {
    const where = error.path === "" ? "the configuration" : error.path;
    throw new TypeError(`${where}: ${error.reason}; ${error.remedy}`);
  }
  return {
    models: config.models.map(
      ({ name, basePath, platform, versionPolicy, versionLabels }): ModelConfig => ({
        name,
        basePath,
        // Empty only beside the deprecated type, which stands for the same platform.
        platform: platform || "tensorflow",
        ...(versionPolicy === undefined ? {} : { versionPolicy }),
        ...(versionLabels === undefined ? {} : { versionLabels }),
      }),
    ),
  };
}
