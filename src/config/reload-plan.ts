import type { Version } from "../contract/model-spec.ts";
import type { VersionPolicy } from "../contract/reload-config.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { FileModelConfig } from "./model-server-config.ts";

/** From one value to another. */
export interface Change<T> {
  readonly from: T;
  readonly to: T;
}

/** A label that is set (`to` alone), removed (`from` alone) or moved. */
export interface LabelChange {
  readonly label: string;
  readonly from?: Version;
  readonly to?: Version;
}

/** What a reload does to one model. */
export type ModelChange =
  /** A name that the server does not know. With an unknown baseline: `set`, whatever was there. */
  | { readonly action: "add" | "set"; readonly model: string; readonly to: FileModelConfig }
  | { readonly action: "unload"; readonly model: string; readonly from: FileModelConfig }
  | {
      readonly action: "change";
      readonly model: string;
      readonly basePath?: Change<string>;
      readonly platform?: Change<string>;
      readonly versionPolicy?: Change<VersionPolicy>;
      /** Between two lists of versions: those that only the new one has, and those that only the old one has. */
      readonly loads?: readonly Version[];
      readonly unloads?: readonly Version[];
      readonly labels?: readonly LabelChange[];
    };

export interface ReloadPlan {
  /** One for each model that does not stay as it is: those that stay or come in the new order, then those that go. */
  readonly changes: readonly ModelChange[];
  /** Names of models that stay as they are. */
  readonly unchanged: readonly string[];
  /** What `check` says of the new configuration, and what the step from the old one to it would meet. */
  readonly problems: readonly ConfigProblem[];
}

export interface PlanOptions {
  /**
   * Versions of each model that are known to be available, as `getModelStatus` tells them. @default taken from `from`: a
   * version that it labels is available; without `from`, nothing is known
   */
  readonly available?: Readonly<Record<string, readonly Version[]>> | undefined;
  /** Whether the server runs with `--allow_version_labels_for_unavailable_models`. @default false */
  readonly allowUnavailableLabels?: boolean | undefined;
  /** Platforms of the server's `--platform_config_file`. @default ["tensorflow"] */
  readonly platforms?: readonly string[] | undefined;
}
