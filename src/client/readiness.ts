import type { VersionChoice } from "../contract/model-spec.ts";
import type { ModelStatusResponse, ModelVersionStatus } from "../contract/model-status.ts";
import { ServingError } from "../errors/serving-error.ts";

/** What one look at a model's versions says about using it. */
export type Readiness =
  | { readonly kind: "ready"; readonly status: ModelVersionStatus }
  | { readonly kind: "failed"; readonly status: ModelVersionStatus }
  | { readonly kind: "waiting"; readonly lastSeen: string };

/**
 * Judges a status: of the version that is named, else of all.
 *
 * Ready is AVAILABLE. Failed is END with an error, for all versions where none is named: the server does not try a
 * version again by itself. END without one is a version that was unloaded and may come back.
 * @see tensorflow_serving/core/servable_state.h ManagerState::kEnd
 */
export function judge({ versions }: ModelStatusResponse, { version }: VersionChoice): Readiness {
  const relevant =
    version === undefined ? versions : versions.filter((status) => BigInt(status.version) === BigInt(version));
  const available = relevant.find(({ state }) => state === "AVAILABLE");
  if (available !== undefined) return { kind: "ready", status: available };
  const [newest] = relevant;
  if (newest !== undefined && relevant.every(({ state, error }) => state === "END" && error !== undefined)) {
    return { kind: "failed", status: newest };
  }
  return {
    kind: "waiting",
    lastSeen: newest === undefined ? "no version" : `version ${newest.version} in state ${newest.state}`,
  };
}

const NOT_YET = ["unavailable", "overloaded", "timeout", "not_found"];

/**
 * Whether an error means "not now" rather than "not like this": asking later may be answered well. A label that the
 * server does not know yet is INVALID_ARGUMENT there, where an unknown model is NOT_FOUND.
 */
export function isNotYet(error: unknown, asksLabel: boolean): error is ServingError {
  if (!(error instanceof ServingError)) return false;
  return NOT_YET.includes(error.kind) || (asksLabel && error.code === "INVALID_ARGUMENT" && error.attempts.length > 0);
}
