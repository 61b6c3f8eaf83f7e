import type { ModelConfig } from "../contract/reload-config.ts";
import type { LoggingConfig, PackedMessage } from "./logging-config.ts";

/** One model of a model config file: that of a reload, and what only a file can say. */
export interface FileModelConfig extends ModelConfig {
  /**
   * As in a reload: left out it is written as `"tensorflow"`. A file that was read without one has `""` here, and the
   * server refuses it.
   */
  readonly platform?: string | undefined;
  /** Deprecated on the server, instead of a platform. A number where the server has no name for it. */
  readonly modelType?: "MODEL_TYPE_UNSPECIFIED" | "TENSORFLOW" | "OTHER" | number | undefined;
  /** A server as it is released refuses it. */
  readonly loggingConfig?: LoggingConfig | undefined;
}

/**
 * A model config file (`--model_config_file`). Without what only a file can say it is the `config` of a reload:
 * `toReloadConfig` makes sure.
 *
 * @see tensorflow_serving/config/model_server_config.proto
 */
export interface ModelServerConfig {
  readonly models: readonly FileModelConfig[];
  /** For servers built with loaders of their own; excludes models. */
  readonly customModelConfig?: PackedMessage | undefined;
}
