import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, Policy, Transport } from "../contract/transport.ts";
import { type RetryFacts, retryFactsOf } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import { promiseOf } from "../internal/promise-of.ts";
import { sleep } from "../internal/sleep.ts";
import { type BackoffSettings, backoffMs } from "./backoff.ts";
import type { RetryBudget } from "./retry-budget.ts";
import { decideRetry } from "./retry-decision.ts";

export interface RetrySettings {
  readonly clock: Clock;
  readonly budget: RetryBudget;
  readonly backoff: BackoffSettings;
  /** Where tries go: for how many other servers there are, and which one it is where there is one. */
  readonly transport: Pick<Transport, "endpoint" | "alternatives">;
  /** The credential comes from a function, which can be asked for another one. */
  readonly canRenewAuth: boolean;
  /** Goes around the first try alone. */
  readonly hedging?: Policy | undefined;
}

/**
 * Tries a call again while that may help: see {@link decideRetry} for when, {@link backoffMs} for how long it waits and
 * {@link RetryBudget} for how often all calls together may.
 *
 * It rejects with the last failure, at once where no further try could begin before the deadline. Whatever ends the
 * call ends a pause too.
 */
export function retry(settings: RetrySettings): Policy {
  const { budget, hedging } = settings;
  return (next) => {
    const first = hedging === undefined ? next : hedging(next);
    return (operation, request, context) => {
      budget.deposit();
      const started = begin(context);
      return promiseOf(() => first(operation, request, started)).catch((error: unknown) =>
        again(settings, next, { operation, request, context, error, attempt: started.attempt }),
      );
    };
  };
}

/** The context of a try that begins now: almost always the first one, and then the call's own. */
function begin(context: CallContext): CallContext {
  const { ledger } = context;
  const attempt = (ledger.started ?? 0) + 1;
  ledger.started = attempt;
  return attempt === context.attempt ? context : { ...context, attempt };
}

interface Failed<O extends OperationName> {
  readonly operation: O;
  readonly request: RequestOf<O>;
  readonly context: CallContext;
  readonly error: unknown;
  readonly attempt: number;
}

/** What follows a first try that failed. */
async function again<O extends OperationName>(
  settings: RetrySettings,
  next: Call,
  { operation, request, context, ...first }: Failed<O>,
): Promise<ResponseOf<O>> {
  const { clock, budget, transport } = settings;
  const { cancellation, ledger, maxRetries = 0 } = context;
  const avoid = new Set(context.avoid);
  const earlier: RetryFacts["again"][] = [];
  let { error, attempt } = first;
  for (;;) {
    if (cancellation.cancelled || !(error instanceof ServingError)) throw error;
    if (error.kind === "overloaded" || error.kind === "timeout") ledger.pressed = true;
    if (earlier.length >= maxRetries) throw error;
    avoid.add(endpointOf(error, attempt, context, transport.endpoint));
    const facts = retryFactsOf(error);
    const untried = transport.alternatives?.(avoid) ?? 0;
    const decision = decideRetry({
      error,
      facts,
      operation,
      idempotent: context.idempotent,
      earlier,
      untried,
      hadAttemptTimeout: hadAttemptTimeout(context),
      canRenewAuth: settings.canRenewAuth && context.headers["authorization"] === undefined,
    });
    if (decision === undefined) throw error;
    // One server's wish to be left alone does not bind the others.
    const retryAfterMs = untried > 0 ? undefined : facts.retryAfterMs;
    const delayMs = backoffMs(settings.backoff, decision.pace, earlier.length, retryAfterMs);
    const fault = { code: error.code, kind: error.kind };
    // A try that could not even begin in time is worth less than an error now.
    if (clock.now() + delayMs >= context.deadlineAt) {
      context.events?.tell({ type: "retryRefused", attempt, fault, reason: "deadline" });
      throw error;
    }
    if (!budget.withdraw(decision.cost)) {
      context.events?.tell({ type: "retryRefused", attempt, fault, reason: "budget" });
      throw error;
    }
    context.events?.tell({ type: "retryScheduled", attempt, fault, delayMs });

    ledger.phase = `waiting to try again after ${error.code}`;
    if (delayMs > 0) await sleep(clock, delayMs, cancellation);
    earlier.push(decision.again);
    attempt = (ledger.started ?? 0) + 1;
    ledger.started = attempt;
    ledger.endpoint = undefined;
    const renewAuth = decision.again === "renewed";
    try {
      return await next(operation, request, { ...context, attempt, avoid: new Set(avoid), renewAuth });
    } catch (failure) {
      error = failure;
    }
  }
}

function hadAttemptTimeout({ attemptTimeoutMs }: CallContext): boolean {
  return attemptTimeoutMs !== undefined && attemptTimeoutMs !== Number.POSITIVE_INFINITY;
}

/** Where a try went: what wrote it down first knows it best. */
function endpointOf(error: ServingError, attempt: number, { ledger }: CallContext, only: string): string {
  const noted = ledger.attempts.findLast((entry) => entry.attempt === attempt)?.endpoint;
  return noted ?? ledger.endpoint ?? error.endpoint ?? only;
}
