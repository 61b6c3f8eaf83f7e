import { setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";

/** No server is known by that name. A new error each time: errors are annotated in place, and look-ups are shared. */
export function unresolvable(endpoint: string, cause: unknown): ServingError {
  const code = (cause as { readonly code?: unknown } | null)?.code;
  const reason = typeof code === "string" ? ` (${code})` : "";
  const error = new ServingError(`the name in ${endpoint} does not resolve${reason}`, {
    code: "UNAVAILABLE",
    kind: "unavailable",
    cause,
  });
  // Resolvers stumble now and then; a name that is not there twice is not there.
  return setRetryFacts(error, { delivery: "never", again: code === "ENOTFOUND" ? "once" : "yes" });
}

/** The resolver did not answer while a connection may be waited for. */
export function lateLookup(endpoint: string, connectTimeoutMs: number): ServingError {
  return new ServingError(`the name in ${endpoint} was not resolved within ${connectTimeoutMs} ms (connectTimeoutMs)`, {
    code: "UNAVAILABLE",
    kind: "timeout",
    retryable: true,
  });
}
