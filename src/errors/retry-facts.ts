import type { ServingError } from "./serving-error.ts";

/**
 * What a wire knows of a failure beyond its code and kind, for those who decide about one more try or blame a server.
 * Written where the failure is read off the wire, kept beside the error and not in it: callers have `retryable`.
 */
export interface RetryFacts {
  /** Whether the server has worked on the request: certainly not, nobody can know, or it has and says so. */
  readonly delivery: "never" | "maybe" | "answered";
  /**
   * What one more try may bring: nothing else; something else; something else, but no third try will; something else
   * on another server only; something else with a fresh credential only.
   */
  readonly again: "no" | "yes" | "once" | "elsewhere" | "renewed";
  /** How long the peer asks to be left alone, in milliseconds. Negative: it asks for no further try. */
  readonly retryAfterMs?: number | undefined;
  /** The peer had closed a connection that lay idle: that happens to healthy servers, and waiting changes nothing. */
  readonly stale?: boolean | undefined;
}

const KNOWN = new WeakMap<ServingError, RetryFacts>();

/** Notes the facts of an error, over what is known of it. Gives the error back. */
export function setRetryFacts(error: ServingError, facts: Partial<RetryFacts>): ServingError {
  KNOWN.set(error, { ...retryFactsOf(error), ...facts });
  return error;
}

/** The facts that were noted, else what code and kind say by themselves. */
export function retryFactsOf(error: ServingError): RetryFacts {
  return KNOWN.get(error) ?? byKind(error);
}

const NO: RetryFacts = { delivery: "answered", again: "no" };
const NOT_SENT: RetryFacts = { delivery: "never", again: "yes" };
/** Also an overload that nothing is known of: which queue was full decides whether the work had begun. */
const LOST: RetryFacts = { delivery: "maybe", again: "yes" };
const TIMED_OUT: RetryFacts = { delivery: "maybe", again: "no" };
const CUT: RetryFacts = { delivery: "maybe", again: "once" };
const ONCE: RetryFacts = { delivery: "answered", again: "once" };
const ELSEWHERE: RetryFacts = { delivery: "answered", again: "elsewhere" };
const RENEWED: RetryFacts = { delivery: "never", again: "renewed" };

function byKind({ code, kind, retryable }: ServingError): RetryFacts {
  switch (kind) {
    case "unavailable":
    case "overloaded":
      return LOST;
    case "timeout":
      // A connection that did not come about in time is UNAVAILABLE; a server's deadline is spent.
      if (code === "UNAVAILABLE") return NOT_SENT;
      return retryable ? CUT : TIMED_OUT;
    case "truncated":
      return CUT;
    case "not_found":
      return ELSEWHERE;
    case "auth":
      return code === "UNAUTHENTICATED" ? RENEWED : NO;
    default:
      if (code === "ABORTED") return LOST;
      return retryable ? ONCE : NO;
  }
}
