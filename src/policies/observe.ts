import type { CallEnded } from "../contract/call-event.ts";
import type { ResponseInfo } from "../contract/call-options.ts";
import type { Logger } from "../contract/logger.ts";
import { annotate } from "../errors/annotate.ts";
import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import type { CallScope } from "./call-scope.ts";
import { type Emitter, ofCall } from "./emitter.ts";
import { NO_HEADERS } from "./headers.ts";
import type { Outcome } from "./settlement.ts";

/** Where a call is told: the clock that times it, the address it goes to, the listeners, the logger. */
export interface Observer {
  readonly clock: Clock;
  readonly endpoint: string;
  readonly emitter: Emitter;
  /** One that does not throw. */
  readonly logger: Logger;
}

/** Tells that a call begins, where somebody listens, and begins it within what listeners put around it. */
export function observeBegin<T>({ emitter, endpoint }: Observer, scope: CallScope, work: () => Promise<T>): Promise<T> {
  const { events } = scope.context;
  if (events === undefined) return work();
  return emitter.beginCall(ofCall(events.identity, { type: "callStarted", endpoint }), work);
}

/**
 * Tells how a call ended: the error learns which call it belongs to, `onResponse` is called once, the logger gets one
 * line; listeners to events are told. None of them can change the outcome or delay it.
 */
export function observeEnd(observer: Observer, scope: CallScope, startedAt: number, outcome: Outcome<unknown>): void {
  if ("result" in outcome) {
    report(observer, scope, startedAt, outcome);
    return;
  }
  const { error } = outcome;
  const { signal, ledger } = scope.context;
  const aborted = signal?.aborted === true && error === signal.reason;
  // The reason of the caller's signal is the caller's own object, even where it is one of our errors.
  if (!aborted && error instanceof ServingError) {
    const { operation, model } = scope;
    annotate(error, { operation, model, endpoint: observer.endpoint, attempts: ledger.attempts });
  }
  report(observer, scope, startedAt, { error, aborted });
}

interface Failure {
  readonly error: unknown;
  readonly aborted: boolean;
}

type Ending = Failure | { readonly result: unknown };

function report(observer: Observer, scope: CallScope, startedAt: number, ending: Ending): void {
  const durationMs = observer.clock.now() - startedAt;
  const { operation, model, context, onResponse } = scope;
  const { ledger } = context;
  const endpoint = ledger.attempts.at(-1)?.endpoint ?? observer.endpoint;
  log(observer, scope, durationMs, "error" in ending ? ending : undefined);
  context.events?.tell({
    type: "callEnded",
    ...outcomeOf(ending),
    endpoint,
    durationMs,
    attempts: ledger.attempts.length,
    httpStatus: ledger.responseStatus,
    requestBytes: ledger.requestBytes,
    responseBytes: ledger.responseBytes,
    servedVersion: "result" in ending ? servedVersion(ending.result) : undefined,
  });
  if (onResponse === undefined) return;
  const info: ResponseInfo = {
    operation,
    model,
    endpoint,
    attempts: ledger.attempts.slice(),
    headers: ledger.responseHeaders ?? NO_HEADERS,
    trailers: ledger.responseTrailers ?? NO_HEADERS,
    durationMs,
    requestBytes: ledger.requestBytes,
    responseBytes: ledger.responseBytes,
  };
  const fails = () => observer.logger.warn?.("onResponse failed; the call is not affected", { operation, model });
  try {
    // The type says void, but an async function fits too: its rejection must not go unhandled.
    const result: unknown = onResponse(info);
    if (result instanceof Promise) result.catch(fails);
  } catch {
    fails();
  }
}

function log({ logger, endpoint }: Observer, scope: CallScope, durationMs: number, failure: Failure | undefined): void {
  const { operation, model, context, mayFail } = scope;
  const write = failure && !failure.aborted && !mayFail ? logger.warn : logger.debug;
  if (write === undefined) return;
  const fields = {
    operation,
    model,
    endpoint,
    attempts: context.ledger.attempts.length,
    durationMs: Math.round(durationMs),
  };
  if (failure === undefined) write(`${operation} ended well`, fields);
  else if (failure.aborted) write(`${operation} was aborted by the caller`, fields);
  // Codes, not texts: a server's words may repeat what it was sent.
  else write(`${operation} failed`, { ...fields, ...codesOf(failure.error) });
}

function codesOf(error: unknown): { readonly code?: Code; readonly kind?: ErrorKind } {
  return error instanceof ServingError ? { code: error.code, kind: error.kind } : {};
}

function outcomeOf(ending: Ending): Pick<CallEnded, "outcome" | "code" | "kind"> {
  if ("result" in ending) return { outcome: "ok", code: "OK", kind: undefined };
  if (ending.aborted) return { outcome: "aborted", code: "CANCELLED", kind: undefined };
  const { code = "UNKNOWN", kind } = codesOf(ending.error);
  return { outcome: "failed", code, kind };
}

/** The version that an answer names. A middleware may have made the answer: what it holds is looked at first. */
function servedVersion(result: unknown): number | bigint | undefined {
  const version = (result as { readonly modelSpec?: { readonly version?: unknown } } | undefined)?.modelSpec?.version;
  return typeof version === "number" || typeof version === "bigint" ? version : undefined;
}
