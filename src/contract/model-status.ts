import type { StatusName } from "../errors/code.ts";
import type { ModelChoice, Version } from "./model-spec.ts";

/** @see tensorflow_serving/apis/get_model_status.proto ModelVersionStatus.State */
export type ModelVersionState = "UNKNOWN" | "START" | "LOADING" | "AVAILABLE" | "UNLOADING" | "END";

/** Which model; with a version, that version alone. The server ignores labels here, so they are refused. */
export type ModelStatusRequest = ModelChoice;

export interface ModelVersionStatus {
  readonly version: Version;
  readonly state: ModelVersionState;
  /** Why the version is not served: there only when the server reports something other than OK. */
  readonly error?: { readonly code: StatusName; readonly message: string };
}

export interface ModelStatusResponse {
  /** Highest version first, as the server orders them; versions that ended stay in the list. */
  readonly versions: readonly ModelVersionStatus[];
}
