import {
  type Context,
  context,
  createContextKey,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapPropagator,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import type {
  AttemptEnded,
  AttemptStarted,
  CallEnded,
  CallStarted,
  RetryRefused,
  RetryScheduled,
} from "../contract/call-event.ts";
import type { StatusName } from "../errors/code.ts";
import {
  type Conventions,
  callAttributes,
  choiceAttributes,
  outcomeAttributes,
  serverAttributes,
  statusAttributes,
} from "./attributes.ts";
import { RPC_METHODS } from "./rpc-method.ts";
import { traceHeaders } from "./trace-headers.ts";

interface Open {
  readonly span: Span;
  readonly context: Context;
}

interface OpenCall extends Open {
  readonly attempts: Map<number, Open>;
}

/**
 * The key by which instrumentations agree that something is traced already: the attempt's span stands for the exchange,
 * and a second `traceparent` from an HTTP instrumentation would make the header void.
 * @see https://github.com/open-telemetry/opentelemetry-js suppressTracing in @opentelemetry/core
 */
const SUPPRESS = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

/** A CLIENT span a call, with a CLIENT span an attempt under it. */
export class CallSpans {
  readonly #tracer: Tracer;
  readonly #conventions: Conventions;
  readonly #propagator: TextMapPropagator | undefined;
  readonly #open = new Map<string, OpenCall>();

  constructor(tracer: Tracer, conventions: Conventions, propagator: TextMapPropagator | undefined) {
    this.#tracer = tracer;
    this.#conventions = conventions;
    this.#propagator = propagator;
  }

  callStarted(event: CallStarted): void {
    const parent = context.active();
    const attributes = { ...callAttributes(event, this.#conventions), ...serverAttributes(event.endpoint) };
    const span = this.#tracer.startSpan(spanName(event), { kind: SpanKind.CLIENT, attributes }, parent);
    const own = trace.setSpan(parent, span);
    this.#open.set(event.callId, { span, context: own, attempts: new Map() });
  }

  aroundCall({ callId }: CallStarted, begin: () => void): void {
    const call = this.#open.get(callId);
    if (call === undefined) begin();
    else context.with(call.context, begin);
  }

  attemptStarted(event: AttemptStarted): void {
    const call = this.#open.get(event.callId);
    if (call === undefined) return;
    const choice = choiceAttributes(event);
    call.span.setAttributes(choice);
    // What middleware or a pause has put into the context since the call began stays, but the parent is the call.
    const parent = trace.setSpan(context.active(), call.span);
    const { httpMethod } = RPC_METHODS[event.operation];
    const attributes = {
      ...callAttributes(event, this.#conventions),
      ...choice,
      ...(event.wire === "rest" ? { "http.request.method": httpMethod } : {}),
      "tfserving.attempt": event.attempt,
    };
    const span = this.#tracer.startSpan(spanName(event), { kind: SpanKind.CLIENT, attributes }, parent);
    call.attempts.set(event.attempt, { span, context: trace.setSpan(parent, span) });
  }

  aroundAttempt(
    { callId, attempt }: AttemptStarted,
    begin: (headers?: Readonly<Record<string, string>>) => void,
  ): void {
    const open = this.#open.get(callId)?.attempts.get(attempt);
    if (open === undefined) {
      begin();
      return;
    }
    const headers = traceHeaders(open.context, this.#propagator);
    context.with(open.context.setValue(SUPPRESS, true), () => begin(headers));
  }

  attemptEnded(event: AttemptEnded): void {
    const call = this.#open.get(event.callId);
    const open = call?.attempts.get(event.attempt);
    if (open === undefined) return;
    call?.attempts.delete(event.attempt);
    open.span.setAttributes({
      ...serverAttributes(event.endpoint),
      ...outcomeAttributes(event, event, this.#conventions),
      ...statusAttributes(event.httpStatus),
    });
    end(open.span, event.code);
  }

  retryScheduled({ callId, attempt, fault, delayMs }: RetryScheduled): void {
    this.#open.get(callId)?.span.addEvent("tfserving.retry", {
      "tfserving.attempt": attempt,
      "tfserving.retry.delay_ms": delayMs,
      "error.type": fault.code,
      "tfserving.error.kind": fault.kind,
    });
  }

  retryRefused({ callId, attempt, fault, reason }: RetryRefused): void {
    this.#open.get(callId)?.span.addEvent("tfserving.retry_refused", {
      "tfserving.attempt": attempt,
      "tfserving.retry.reason": reason,
      "error.type": fault.code,
      "tfserving.error.kind": fault.kind,
    });
  }

  /** Calls that share a request link to the one whose attempts it is told by, and that one links to them. */
  batchSent([carrierId = "", ...otherIds]: readonly string[]): void {
    const carrier = this.#open.get(carrierId);
    if (carrier === undefined) return;
    for (const callId of otherIds) {
      const other = this.#open.get(callId);
      other?.span.addLink({ context: carrier.span.spanContext() });
      if (other !== undefined) carrier.span.addLink({ context: other.span.spanContext() });
    }
  }

  callEnded(event: CallEnded): void {
    const call = this.#open.get(event.callId);
    if (call === undefined) return;
    this.#open.delete(event.callId);
    // Tries that nobody waits for any more: what becomes of them is not seen.
    for (const attempt of call.attempts.values()) end(attempt.span, "CANCELLED");
    call.span.setAttributes({
      ...serverAttributes(event.endpoint),
      ...outcomeAttributes(event, event, this.#conventions),
      ...statusAttributes(event.httpStatus),
      ...(event.servedVersion === undefined ? {} : { "tfserving.model.version": String(event.servedVersion) }),
      "tfserving.attempts": event.attempts,
    });
    end(call.span, event.code);
  }
}

function spanName({ operation }: { readonly operation: keyof typeof RPC_METHODS }): string {
  const { service, method } = RPC_METHODS[operation];
  return `${service}/${method}`;
}

function end(span: Span, code: StatusName): void {
  if (code !== "OK") span.setStatus({ code: SpanStatusCode.ERROR, message: code });
  span.end();
}
