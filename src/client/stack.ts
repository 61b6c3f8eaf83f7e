import { batching } from "../batching/batching.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import { AVOID_NOTHING, type Call, type CallContext, type Policy, type Transport } from "../contract/transport.ts";
import { attemptTimeout } from "../policies/attempt-timeout.ts";
import { auth } from "../policies/auth.ts";
import { bounded } from "../policies/bounded.ts";
import { concurrencyLimit } from "../policies/concurrency-limit.ts";
import { guardTransport } from "../policies/guard-transport.ts";
import { hedging } from "../policies/hedging.ts";
import { middleware } from "../policies/middleware.ts";
import { type Observer, observeBegin } from "../policies/observe.ts";
import { observeAttempt } from "../policies/observe-attempt.ts";
import { refuseClearCredentials } from "../policies/refuse-clear-credentials.ts";
import { retry } from "../policies/retry.ts";
import type { RunningCall } from "./running-call.ts";
import type { ClientSettings } from "./settings.ts";

/** A request that is ready to go, with what else the wire shall know. */
export interface Ready<O extends OperationName> {
  readonly request: RequestOf<O>;
  readonly context: CallContext;
}

/** Makes the request ready: checks it, and for a model handle waits for the signature. Part of the call. */
export type Prepare<O extends OperationName> = (context: CallContext) => Ready<O> | Promise<Ready<O>>;

export type Stack = <O extends OperationName>(running: RunningCall<O>, prepare: Prepare<O>) => Promise<ResponseOf<O>>;

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
export function createStack(transport: Transport, settings: ClientSettings, observer: Observer): Stack {
  const { clock, emitter } = settings;
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

  return (running, prepare) => {
    const begin = () => {
      const ready = prepare(running.context);
      if (!(ready instanceof Promise)) return call(running.operation, ready.request, ready.context);
      return ready.then(({ request, context }) => call(running.operation, request, context));
    };
    return observeBegin(observer, running, () => bounded(clock, running, begin));
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
