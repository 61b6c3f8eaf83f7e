import { retryFactsOf, setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";

/**
 * Whether a failure speaks of what was sent, so that a smaller request may do better. Everything else concerns whoever
 * asks, and more requests would only make it worse.
 */
export function isRequestFault(error: unknown): boolean {
  if (!(error instanceof ServingError)) return false;
  const { code, kind } = error;
  return kind === "invalid" || kind === "too_large" || code === "INVALID_ARGUMENT" || code === "OUT_OF_RANGE";
}

/** The same failure for one more caller: errors are written to in place, and belong to whoever catches them. */
export function copyOf(error: unknown): unknown {
  if (!(error instanceof ServingError)) return error;
  const { rawMessage, code, kind, operation, model, endpoint, attempts, retryable, cause } = error;
  const details = { code, kind, operation, model, endpoint, attempts: attempts.slice(), retryable, cause };
  const copy = new ServingError(rawMessage, details);
  if (error.stack !== undefined) copy.stack = error.stack;
  return setRetryFacts(copy, retryFactsOf(error));
}
