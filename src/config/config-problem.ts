/** What a rule looks for; docs/config.md explains each. */
export type ConfigRule =
  | "syntax"
  | "json"
  | "repeated-key"
  | "shape"
  | "no-models"
  | "custom-model-config"
  | "missing-name"
  | "unreachable-name"
  | "duplicate-name"
  | "missing-platform"
  | "unknown-platform"
  | "changed-platform"
  | "model-type"
  | "relative-base-path"
  | "version-as-base-path"
  | "empty-specific"
  | "latest-zero"
  | "negative-version"
  | "repeated-version"
  | "label-without-version"
  | "label-not-pinned"
  | "label-at-start"
  | "label-not-loaded"
  | "empty-label"
  | "logging-config"
  | "out-of-range"
  | "batch-sizes-not-ascending"
  | "last-batch-size"
  | "split-without-size"
  | "execution-size"
  | "padded-outputs"
  | "prometheus-off"
  | "prometheus-path"
  | "unknown-baseline"
  | "unloads"
  | "waits-for-new-model"
  | "same-version-new-path"
  | "not-awaited";

/** Something in a configuration that the server refuses (`error`), or takes and does not do what one would think. */
export interface ConfigProblem {
  readonly severity: "error" | "warning";
  readonly rule: ConfigRule;
  /** The member, `models[0].basePath`; empty for the whole file. */
  readonly path: string;
  /** What is so, and what the server makes of it. */
  readonly reason: string;
  /** What to do about it. */
  readonly remedy: string;
  /** Counted from 1; there for what was read from a text. */
  readonly line?: number;
  readonly column?: number;
}
