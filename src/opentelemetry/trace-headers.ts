import { type Context, isSpanContextValid, propagation, type TextMapPropagator, trace } from "@opentelemetry/api";

/**
 * The headers that carry a context to the server: what the propagator writes. Where none is given and none is set up for
 * the process, W3C `traceparent` and `tracestate`.
 *
 * @see https://www.w3.org/TR/trace-context/
 */
export function traceHeaders(context: Context, propagator: TextMapPropagator | undefined): Record<string, string> {
  const headers: Record<string, string> = Object.create(null);
  if (propagator !== undefined) {
    propagator.inject(context, headers, setter);
    return headers;
  }
  propagation.inject(context, headers, setter);
  if (propagation.fields().length > 0) return headers;
  const span = trace.getSpanContext(context);
  if (span === undefined || !isSpanContextValid(span)) return headers;
  const flags = span.traceFlags.toString(16).padStart(2, "0");
  headers["traceparent"] = `00-${span.traceId}-${span.spanId}-${flags}`;
  const state = span.traceState?.serialize();
  if (state) headers["tracestate"] = state;
  return headers;
}

const setter = {
  set(carrier: Record<string, string>, name: string, value: string): void {
    carrier[name.toLowerCase()] = value;
  },
};
