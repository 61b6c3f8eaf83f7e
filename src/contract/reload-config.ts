import type { Version } from "./model-spec.ts";

/** Which versions of a model the server keeps loaded. @default `{ latest: 1 }` */
export type VersionPolicy = "all" | { readonly latest: number } | { readonly specific: readonly Version[] };

export interface ModelConfig {
  readonly name: string;
  /** An absolute path or a URI with a scheme, as the *server* sees it. */
  readonly basePath: string;
  /** @default "tensorflow"; an empty one makes the server refuse every later reload until it is restarted */
  readonly platform?: string | undefined;
  readonly versionPolicy?: VersionPolicy | undefined;
  /** Label to version. A label can point only to a version that is already available. */
  readonly versionLabels?: Readonly<Record<string, Version>> | undefined;
}

/**
 * The **whole** configuration the server shall have afterwards: a model left out is unloaded, an empty list unloads
 * everything. There is no way to ask the server for the one it has.
 */
export interface ReloadConfigRequest {
  readonly config: { readonly models: readonly ModelConfig[] };
}

/** Nothing: the server says only that it took the configuration. */
export type ReloadConfigResponse = Readonly<Record<never, never>>;
