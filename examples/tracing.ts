/** See what a client does: its events, and a trace of a call whose first attempt fails. */
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from "@opentelemetry/sdk-trace-base";
import { createClient } from "tfserving";
import { openTelemetry } from "tfserving/opentelemetry";
import { createTestServer, halfPlusTwo } from "tfserving/testing";

// An application has one of its own, which exports to a collector.
const exporter = new InMemorySpanExporter();
const tracerProvider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });

await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
server.inject({ operation: "predict", code: "UNAVAILABLE", message: "shutting down", times: 1 });

await using client = createClient(server.grpcAddress, {
  instrumentation: openTelemetry({ tracerProvider }),
  // The same without OpenTelemetry: each event as it happens.
  onEvent: (event) => {
    if (event.type === "retryScheduled") console.log(`attempt ${event.attempt}: ${event.fault.code}, once more`);
    if (event.type === "callEnded") console.log(`${event.operation} took ${event.attempts} attempts`);
  },
});
await client.model("half_plus_two", { signature: "none" }).predict({ x: [1, 2, 5] });
// prints attempt 1: UNAVAILABLE, once more
// prints predict took 2 attempts

const spans = exporter.getFinishedSpans();
const call = spans.at(-1);
for (const span of spans) {
  const indent = span.parentSpanContext?.spanId === call?.spanContext().spanId ? "  " : "";
  console.log(`${indent}${span.name} ${span.attributes["rpc.response.status_code"]}`);
}
// prints   tensorflow.serving.PredictionService/Predict UNAVAILABLE
// prints   tensorflow.serving.PredictionService/Predict OK
// prints tensorflow.serving.PredictionService/Predict OK

// The server has seen the trace: each attempt sent its own span.
const sent = server.calls
  .filter(({ operation }) => operation === "predict")
  .map(({ headers }) => headers["traceparent"]);
console.log(sent.every((header) => header?.includes(call?.spanContext().traceId ?? ""))); // prints true
