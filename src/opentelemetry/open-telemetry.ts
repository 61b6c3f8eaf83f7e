import { type MeterProvider, metrics, type TextMapPropagator, type TracerProvider, trace } from "@opentelemetry/api";
import type { ClientEvent } from "../contract/client-event.ts";
import type { Instrumentation } from "../contract/instrumentation.ts";
import { VERSION } from "../internal/version.ts";
import type { Conventions } from "./attributes.ts";
import { CallMetrics } from "./call-metrics.ts";
import { CallSpans } from "./call-spans.ts";

const SCOPE = "tfserving";

export interface OpenTelemetryOptions {
  /** Where spans go. @default the provider that is registered for the process when this is called */
  readonly tracerProvider?: TracerProvider | undefined;
  /** Where metrics go. @default the provider that is registered for the process when this is called */
  readonly meterProvider?: MeterProvider | undefined;
  /**
   * Writes the headers that carry the trace to the server.
   * @default the propagator of the process; W3C `traceparent` and `tracestate` where none is set up
   */
  readonly propagator?: TextMapPropagator | undefined;
  /**
   * `stable`: the names of the semantic conventions for RPC as they stand. `both`: also the ones before them
   * (`rpc.system`, `rpc.service`, `rpc.grpc.status_code`, the histogram `rpc.client.duration` in milliseconds).
   * @default "both"
   */
  readonly conventions?: Conventions | undefined;
}

/**
 * Spans, metrics and trace headers of OpenTelemetry for a client, as its option `instrumentation`. One may serve several
 * clients.
 *
 * A span a call and a span an attempt under it; both are CLIENT, as the server's own span hangs under the attempt. Spans
 * and metrics hold names, codes, addresses, sizes and times: no payload, no header, no text of an error.
 *
 * @throws TypeError for an option that cannot be
 * @example
 * const client = createClient("grpc://localhost:8500", { instrumentation: openTelemetry() });
 */
export function openTelemetry(options: OpenTelemetryOptions = {}): Instrumentation {
  const { conventions = "both" } = checked(options);
  const tracer = (options.tracerProvider ?? trace.getTracerProvider()).getTracer(SCOPE, VERSION);
  const meter = (options.meterProvider ?? metrics.getMeterProvider()).getMeter(SCOPE, VERSION);
  const spans = new CallSpans(tracer, conventions, options.propagator);
  const counts = new CallMetrics(meter, conventions);
  return {
    onEvent(event) {
      tell(event, spans, counts);
    },
    aroundCall: (call, begin) => spans.aroundCall(call, begin),
    aroundAttempt: (attempt, begin) => spans.aroundAttempt(attempt, begin),
  };
}

function tell(event: ClientEvent, spans: CallSpans, counts: CallMetrics): void {
  switch (event.type) {
    case "callStarted":
      spans.callStarted(event);
      counts.callStarted(event);
      break;
    case "callEnded":
      counts.callEnded(event);
      spans.callEnded(event);
      break;
    case "attemptStarted":
      spans.attemptStarted(event);
      break;
    case "attemptEnded":
      spans.attemptEnded(event);
      counts.attemptEnded(event);
      break;
    case "retryScheduled":
      spans.retryScheduled(event);
      counts.retry(event);
      break;
    case "retryRefused":
      spans.retryRefused(event);
      counts.retry(event);
      break;
    case "queueWaited":
    case "queueRejected":
      counts.queue(event);
      break;
    case "batchSent":
      spans.batchSent(event.callIds);
      counts.batch(event);
      break;
    case "endpointEjected":
    case "circuitOpened":
      counts.endpoint(event);
      break;
  }
}

const NAMES = ["tracerProvider", "meterProvider", "propagator", "conventions"];

function checked(options: OpenTelemetryOptions): OpenTelemetryOptions {
  for (const name of Object.keys(options)) {
    if (!NAMES.includes(name)) throw new TypeError(`openTelemetry: unknown option ${JSON.stringify(name)}`);
  }
  const { conventions } = options;
  if (conventions !== undefined && conventions !== "stable" && conventions !== "both") {
    throw new TypeError(`openTelemetry: option "conventions" must be "stable" or "both", got ${String(conventions)}`);
  }
  return options;
}
