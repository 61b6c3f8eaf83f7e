import type { ModelChoice, ServedModel } from "./model-spec.ts";
import type { Signature } from "./signature.ts";

/** Which model, and which version of it. */
export type ModelMetadataRequest = ModelChoice;

export interface ModelMetadataResponse {
  readonly modelSpec: ServedModel;
  /** By signature name; no prototype. */
  readonly signatures: Readonly<Record<string, Signature>>;
}
