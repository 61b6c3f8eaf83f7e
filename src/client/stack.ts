import { batching } from "../batching/batching.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import { AVOID_NOTHING, type Call, type CallContext, type Policy, type Transport } from "../contract/transport.ts";
import { attemptTimeout } from "../policies/attempt-timeout.ts";
import { auth } from "../policies/auth.ts";
import { bounded } from "../policies/bounded.ts";
import type { CallScope } from "../policies/call-scope.ts";
import { concurrencyLimit } from "../policies/concurrency-limit.ts";
import { describeTries } from "../policies/describe-tries.ts";
import { guardTransport } from "../policies/guard-transport.ts";
import { hedging } from "../policies/hedging.ts";
import { middleware } from "../policies/middleware.ts";
import { observe } from "../policies/observe.ts";
import { observeAttempt } from "../policies/observe-attempt.ts";
import { refuseClearCredentials } from "../policies/refuse-clear-credentials.ts";
import { retry } from "../policies/retry.ts";
import { timeoutError } from "../policies/timeout-error.ts";
import type { ClientSettings } from "./settings.ts";

/** A request that is ready to go, with what else the wire shall know. */
export interface Ready<O extends OperationName> {
  readonly request: RequestOf<O>;
  readonly context: CallContext;
}

/** Makes the request ready: checks it, and for a model handle waits for the signature. Part of the call. */
export type Prepare<O extends OperationName> = (context: CallContext) => Ready<O> | Promise<Ready<O>>;

export type Stack = <O extends OperationName>(
  scope: CallScope & { readonly operation: O },
  prepare: Prepare<O>,
) => Promise<ResponseOf<O>>;

/**
 * What a call passes through, outermost first. This is the one place that orders it.
 *
 *  1. observe           the error learns what it belongs to; onResponse, the logger and listeners to events are told
 *  2. bounded           deadline, the caller's abort, close: ends everything below, getting ready included
 *  3. prepare           plain values become tensors, a handle's signature is loaded and checked
 *  4. middleware        the user's functions, the first outermost
 *  5. clear credentials refused where nothing encrypts them
 *  6. batching          calls that ask for it and fit together go on as one
 *  7. concurrency limit holds inference back where the server has enough to do; one place a call, retries included
 *  8. retry             tries again where that may help; hedging runs the first try beside others
 *  9. attempt timeout   ends one try, waiting for its credential included
 * 10. auth              asked once an attempt, as late as possible
 * 11. observe attempt   listeners are told that a try begins and how it ended; instrumentation adds its headers
 * 12. guard             whatever the wire does is a ServingError from here up
 * 13. the transport
 */
export function createStack(transport: Transport, settings: ClientSettings): Stack {
  const { clock, emitter, logger } = settings;
  const { endpoint } = transport;
  const policies: Policy[] = [
    ...(settings.middleware.length === 0 ? [] : [middleware(settings.middleware, transport.endpoint)]),
    ...(settings.mayCarryCredentials ? [] : [refuseClearCredentials()]),
    batchingOf(transport, settings),
    ...(settings.concurrency === undefined ? [] : [concurrencyLimit(clock, settings.concurrency)]),
    retryOf(transport, settings),
    attemptTimeout(clock),
    ...(settings.auth === undefined ? [] : [auth(settings.auth)]),
    observeAttempt({ clock, endpoint, emitter }),
    guardTransport(transport.name),
  ];
  const bottom: Call = (operation, request, context) => transport.call(operation, request, context);
  const call = policies.reduceRight<Call>((next, policy) => policy(next), bottom);
  const observer = { clock, emitter, logger, endpoint };

  return (scope, prepare) => {
    const { operation, model } = scope;
    const events = emitter.eventsOf({ operation, model, wire: transport.name });
    const told = events === undefined ? scope : { ...scope, context: { ...scope.context, events } };
    return observe(observer, told, () =>
      bounded(clock, boundsOf(told, endpoint), () => {
        const ready = prepare(told.context);
        if (!(ready instanceof Promise)) return call(operation, ready.request, ready.context);
        return ready.then(({ request, context }) => call(operation, request, context));
      }),
    );
  };
}

function batchingOf(transport: Transport, { clock, emitter }: ClientSettings): Policy {
  return batching({
    clock,
    endpoint: transport.endpoint,
    replicas: () => Math.max(1, transport.alternatives?.(AVOID_NOTHING) ?? 1),
    tell: (event) => emitter.emitIfHeard("batchSent", event),
  });
}

function retryOf(transport: Transport, settings: ClientSettings): Policy {
  const { clock } = settings;
  const { budget, backoff } = settings.retry;
  return retry({
    clock,
    budget,
    backoff,
    transport,
    canRenewAuth: typeof settings.auth === "function",
    hedging: settings.hedging && hedging({ clock, budget, transport, ...settings.hedging }),
  });
}

function boundsOf({ context, timeoutMs }: CallScope, endpoint: string) {
  const { cancellation, signal, deadlineAt, ledger } = context;
  const late = () => timeoutError(timeoutMs, ledger.phase, describeTries(ledger, endpoint));
  return { cancellation, signal, deadlineAt, timeoutError: late };
}
