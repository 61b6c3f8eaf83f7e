import type { Attributes, Counter, Histogram, Meter, UpDownCounter } from "@opentelemetry/api";
import type { BatchEvent } from "../contract/batch-event.ts";
import type {
  AttemptEnded,
  CallEnded,
  CallStarted,
  QueueRejected,
  QueueWaited,
  RetryRefused,
  RetryScheduled,
} from "../contract/call-event.ts";
import type { EndpointEvent } from "../contract/events.ts";
import {
  type Conventions,
  callAttributes,
  methodAttributes,
  outcomeAttributes,
  serverAttributes,
} from "./attributes.ts";

/** In seconds, as the conventions for RPC give them. */
const DURATION_BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];
const BYTES_BOUNDS = [0, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864];

/** Counts and times what events tell. */
export class CallMetrics {
  readonly #conventions: Conventions;
  readonly #duration: Histogram;
  readonly #formerDuration: Histogram | undefined;
  readonly #active: UpDownCounter;
  readonly #attempts: Counter;
  readonly #retries: Counter;
  readonly #requestBytes: Histogram;
  readonly #responseBytes: Histogram;
  readonly #queueWait: Histogram;
  readonly #queueRejections: Counter;
  readonly #batchRows: Histogram;
  readonly #batchWait: Histogram;
  readonly #ejections: Counter;
  readonly #circuits: Counter;

  constructor(meter: Meter, conventions: Conventions) {
    this.#conventions = conventions;
    this.#duration = meter.createHistogram("rpc.client.call.duration", {
      description: "How long calls take, attempts and pauses included",
      unit: "s",
      advice: { explicitBucketBoundaries: DURATION_BOUNDS },
    });
    this.#formerDuration =
      conventions === "both"
        ? meter.createHistogram("rpc.client.duration", {
            description: "How long calls take, attempts and pauses included",
            unit: "ms",
            advice: { explicitBucketBoundaries: DURATION_BOUNDS.map((seconds) => seconds * 1000) },
          })
        : undefined;
    this.#active = meter.createUpDownCounter("tfserving.client.active_calls", {
      description: "Calls under way",
      unit: "{call}",
    });
    this.#attempts = meter.createCounter("tfserving.client.attempts", {
      description: "Attempts on the wire that have ended",
      unit: "{attempt}",
    });
    this.#retries = meter.createCounter("tfserving.client.retries", {
      description: "Failures that one more try might have mended, by what came of it",
      unit: "{retry}",
    });
    const bytes = { unit: "By", advice: { explicitBucketBoundaries: BYTES_BOUNDS } };
    this.#requestBytes = meter.createHistogram("tfserving.client.request.size", {
      description: "Bytes of the message or body that was sent",
      ...bytes,
    });
    this.#responseBytes = meter.createHistogram("tfserving.client.response.size", {
      description: "Bytes of the message or body that came back, after decompression",
      ...bytes,
    });
    this.#queueWait = meter.createHistogram("tfserving.client.queue.wait", {
      description: "How long calls waited for the concurrency limit to let them go",
      unit: "s",
      advice: { explicitBucketBoundaries: DURATION_BOUNDS },
    });
    this.#queueRejections = meter.createCounter("tfserving.client.queue.rejections", {
      description: "Calls rejected because too many waited already",
      unit: "{call}",
    });
    this.#batchRows = meter.createHistogram("tfserving.client.batch.size", {
      description: "Rows of the requests that calls shared",
      unit: "{row}",
      advice: { explicitBucketBoundaries: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024] },
    });
    this.#batchWait = meter.createHistogram("tfserving.client.batch.wait", {
      description: "How long the oldest call of a batch waited for it to go out",
      unit: "s",
      advice: { explicitBucketBoundaries: DURATION_BOUNDS },
    });
    this.#ejections = meter.createCounter("tfserving.client.ejections", {
      description: "Servers that were left out for faults of their own",
      unit: "{ejection}",
    });
    this.#circuits = meter.createCounter("tfserving.client.circuit_openings", {
      description: "Circuits that opened",
      unit: "{opening}",
    });
  }

  callStarted(event: CallStarted): void {
    this.#active.add(1, callAttributes(event, this.#conventions));
  }

  callEnded(event: CallEnded): void {
    this.#active.add(-1, callAttributes(event, this.#conventions));
    const attributes = this.#ended(event);
    this.#duration.record(event.durationMs / 1000, attributes);
    this.#formerDuration?.record(event.durationMs, attributes);
    if (event.requestBytes !== undefined) this.#requestBytes.record(event.requestBytes, attributes);
    if (event.responseBytes !== undefined) this.#responseBytes.record(event.responseBytes, attributes);
  }

  attemptEnded(event: AttemptEnded): void {
    this.#attempts.add(1, this.#ended(event));
  }

  retry(event: RetryScheduled | RetryRefused): void {
    const attributes: Attributes = {
      ...callAttributes(event, this.#conventions),
      "error.type": event.fault.code,
      "tfserving.error.kind": event.fault.kind,
      "tfserving.retry.outcome": event.type === "retryScheduled" ? "scheduled" : event.reason,
    };
    this.#retries.add(1, attributes);
  }

  queue(event: QueueWaited | QueueRejected): void {
    const attributes = callAttributes(event, this.#conventions);
    if (event.type === "queueRejected") this.#queueRejections.add(1, attributes);
    else this.#queueWait.record(event.waitedMs / 1000, attributes);
  }

  batch(event: Extract<BatchEvent, { readonly type: "batchSent" }>): void {
    const attributes = { ...methodAttributes(event.operation), "tfserving.model.name": event.model };
    this.#batchRows.record(event.rows, attributes);
    this.#batchWait.record(event.longestWaitMs / 1000, attributes);
  }

  endpoint(event: Extract<EndpointEvent, { readonly type: "endpointEjected" | "circuitOpened" }>): void {
    const attributes = serverAttributes(event.endpoint);
    if (event.type === "circuitOpened") this.#circuits.add(1, attributes);
    else this.#ejections.add(1, { ...attributes, "tfserving.ejection.reason": event.reason });
  }

  #ended(event: CallEnded | AttemptEnded): Attributes {
    return {
      ...callAttributes(event, this.#conventions),
      ...serverAttributes(event.endpoint),
      ...outcomeAttributes(event, event, this.#conventions),
    };
  }
}
