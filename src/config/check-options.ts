import type { ConfigKind } from "./schema.ts";

export interface CheckOptions {
  /** Which file it is. @default told from the fields that are there */
  readonly kind?: ConfigKind | undefined;
  /** What the configuration is for: a server's start, where labels have a rule of their own. @default "start" */
  readonly use?: "start" | "reload" | undefined;
  /** Whether the server runs with `--allow_version_labels_for_unavailable_models`. @default false */
  readonly allowUnavailableLabels?: boolean | undefined;
  /** Platforms of the server's `--platform_config_file`. @default ["tensorflow"] */
  readonly platforms?: readonly string[] | undefined;
}
