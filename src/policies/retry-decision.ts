import { OPERATIONS, type OperationName } from "../contract/operations.ts";
import type { RetryFacts } from "../errors/retry-facts.ts";
import type { ServingError } from "../errors/serving-error.ts";

/** A try that failed, and what its call has behind it. */
export interface FailedTry {
  readonly error: Pick<ServingError, "code" | "kind">;
  readonly facts: RetryFacts;
  readonly operation: OperationName;
  /** Whether the caller allows a request to be worked on twice. */
  readonly idempotent: boolean;
  /** What the retries that this call has had were for. */
  readonly earlier: readonly RetryFacts["again"][];
  /** Servers that this call has not failed on yet. */
  readonly untried: number;
  /** This try had less time than its call, and the call has some left. */
  readonly hadAttemptTimeout: boolean;
  /** Another credential can be asked for. */
  readonly canRenewAuth: boolean;
}

/** How to go on: where, after what kind of pause, at which price. */
export interface Retry {
  /** For which of the reasons in the facts, to be counted with the call's earlier ones. */
  readonly again: RetryFacts["again"];
  /** `now`: waiting would change nothing. `throttle`: somebody has too much to do. */
  readonly pace: "now" | "normal" | "throttle";
  /** Tokens of the retry budget. What timed out may still be worked on, so that its retry makes twice the work. */
  readonly cost: 1 | 2;
}

/**
 * Whether a failed try is followed by another one, before anybody asks whether there are retries, time and budget left.
 *
 * A request that may have been worked on is sent again only where its call is idempotent, and a change of the server's
 * configuration only when no server has seen it: an answer that got lost says nothing about what is in force.
 */
export function decideRetry(failed: FailedTry): Retry | undefined {
  const { error, facts, operation, idempotent, earlier, untried } = failed;
  if (facts.retryAfterMs !== undefined && facts.retryAfterMs < 0) return undefined;
  if (facts.delivery !== "never" && !idempotent) return undefined;
  if (!OPERATIONS[operation].repeatable && !isUnsent(failed)) return undefined;
  const timedOut = error.kind === "timeout" && facts.delivery === "maybe";
  const cost = timedOut ? 2 : 1;
  switch (facts.again) {
    case "no":
      // The server may notice the end of a try's time before this side does.
      if (!(timedOut && failed.hadAttemptTimeout)) return undefined;
      return { again: "yes", pace: paceOf(failed), cost };
    case "once":
      return earlier.includes("once") ? undefined : { again: "once", pace: paceOf(failed), cost };
    case "elsewhere":
      if (untried < 1 || earlier.includes("elsewhere")) return undefined;
      return { again: "elsewhere", pace: "now", cost };
    case "renewed":
      if (!failed.canRenewAuth || earlier.includes("renewed")) return undefined;
      return { again: "renewed", pace: "now", cost };
    case "yes":
      return { again: "yes", pace: paceOf(failed), cost };
  }
}

/** No server has begun to read it. A full queue and an unknown model are answers. */
function isUnsent({ facts, error }: FailedTry): boolean {
  return facts.delivery === "never" && (error.kind === "unavailable" || error.kind === "timeout");
}

function paceOf({ error, facts, untried }: FailedTry): Retry["pace"] {
  if (error.kind === "overloaded") return "throttle";
  // A pause gives one server time to recover; another one needs none.
  return untried > 0 || facts.stale === true ? "now" : "normal";
}
