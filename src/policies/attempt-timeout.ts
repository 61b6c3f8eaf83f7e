import type { Policy } from "../contract/transport.ts";
import { setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import { childOf } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { bounded } from "./bounded.ts";

/**
 * Ends one try after `attemptTimeoutMs`, without ending its call. Where the call itself ends sooner there is nothing to
 * do: its own deadline is told to the server as it is.
 */
export function attemptTimeout(clock: Clock): Policy {
  return (next) => (operation, request, context) => {
    const { attemptTimeoutMs } = context;
    if (attemptTimeoutMs === undefined) return next(operation, request, context);
    const deadlineAt = clock.now() + attemptTimeoutMs;
    if (deadlineAt >= context.deadlineAt) return next(operation, request, context);

    const { cancellation, detach } = childOf(context.cancellation);
    const timeoutError = () => attemptTimeoutError(attemptTimeoutMs, context.ledger.phase);
    const bounds = { cancellation, signal: undefined, deadlineAt, timeoutError, ending: detach };
    return bounded(clock, bounds, () => next(operation, request, { ...context, deadlineAt, cancellation }));
  };
}

function attemptTimeoutError(attemptTimeoutMs: number, phase: string | undefined): ServingError {
  const error = new ServingError(
    `no answer within attemptTimeoutMs ${attemptTimeoutMs}${phase === undefined ? "" : ` (${phase})`}`,
    { code: "DEADLINE_EXCEEDED", kind: "timeout", retryable: true },
  );
  return setRetryFacts(error, { delivery: "maybe", again: "yes" });
}
