import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { retryFactsOf } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";

/**
 * What the end of a call says about the host it went to.
 *
 * - `ok`: it did what was asked
 * - `answered`: it works, the call was wrong for it: a caller's mistake, or a model that it does not have
 * - `busy`: it works and has too much to do; others are preferred, but taking it out would only overload them
 * - `failed`: it answered that it failed: the model's fault or the host's, others will tell
 * - `gone`: no connection, a lost one, no sense in what it says
 * - `late`: nothing came in the time that was given
 * - `nothing`: the call was ended from outside
 */
export type Outcome = "ok" | "answered" | "busy" | "failed" | "gone" | "late" | "nothing";

/** The caller's own, on either wire: gRPC 3, 5, 6, 7, 9, 11, 16 and the HTTP statuses 4xx that they stand for. */
const CALLERS: ReadonlySet<Code> = new Set([
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "UNAUTHENTICATED",
]);

const BY_KIND: Readonly<Record<ErrorKind, Outcome>> = {
  unavailable: "gone",
  truncated: "gone",
  protocol: "gone",
  tls: "gone",
  overloaded: "busy",
  timeout: "busy",
  internal: "failed",
  cancelled: "answered",
  too_large: "answered",
  decode: "answered",
  auth: "answered",
  not_found: "answered",
  invalid: "answered",
  precondition: "answered",
  unsupported: "answered",
  closed: "nothing",
};

/** Reads an outcome from what a call was rejected with. */
export function judgeOutcome(error: unknown, cancellation: Cancellation): Outcome {
  const ended = cancellation.cancelled && error === cancellation.reason;
  // Anything else is a mistake in this library.
  if (!(error instanceof ServingError)) return "nothing";
  if (ended) return error.kind === "timeout" ? "late" : "nothing";
  // A healthy host may close a connection that lay idle.
  if (retryFactsOf(error).stale) return "nothing";
  if (CALLERS.has(error.code)) return "answered";
  // A connection that took too long; the server's own deadline is a slow answer.
  if (error.kind === "timeout" && error.code === "UNAVAILABLE") return "gone";
  return BY_KIND[error.kind];
}
