import { context, createContextKey, propagation, SpanKind, SpanStatusCode, trace } from "@opentelemetry/api";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import { createFakeClient } from "../../../src/assembly/create-fake-client.ts";
import type { CallEnded, CallIdentity } from "../../../src/contract/call-event.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { openTelemetry } from "../../../src/opentelemetry/open-telemetry.ts";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer } from "../../../src/testing/test-server.ts";
import { AsyncContext, parentOf, setUpTelemetry } from "./telemetry.ts";

const MODELS = { half_plus_two: halfPlusTwo };
const REQUEST = { model: "half_plus_two", inputs: { x: tensor.float32([1, 2]) } };
const IDENTITY: CallIdentity = { callId: "x-1", operation: "predict", model: "m", wire: "grpc" };
const ENDED: CallEnded = {
  type: "callEnded",
  ...IDENTITY,
  outcome: "ok",
  code: "OK",
  kind: undefined,
  endpoint: "grpc://h:8500",
  durationMs: 50,
  attempts: 1,
  httpStatus: undefined,
  requestBytes: undefined,
  responseBytes: undefined,
  servedVersion: undefined,
};
const FAULT = { code: "UNAVAILABLE", kind: "overloaded" } as const;

afterEach(() => {
  context.disable();
  propagation.disable();
});

describe("openTelemetry", () => {
  it.each(["grpcAddress", "restAddress"] as const)(
    "makes a span of a call and one of its attempt, and sends the attempt's on (%s)",
    async (address) => {
      await using server = await createTestServer({ models: MODELS });
      const { instrumentation, spans } = setUpTelemetry();
      await using client = createClient(server[address], { instrumentation });
      await client.predict({ ...REQUEST, version: 1 });

      const [attempt, call] = spans();
      expect(spans()).toHaveLength(2);
      const grpc = address === "grpcAddress";
      const { port } = new URL(server[address].replace(/^grpc/, "http"));
      const common = {
        "rpc.system.name": grpc ? "grpc" : "tensorflow_serving",
        "rpc.system": grpc ? "grpc" : "tensorflow_serving",
        "rpc.service": "tensorflow.serving.PredictionService",
        "rpc.method": "tensorflow.serving.PredictionService/Predict",
        "rpc.response.status_code": "OK",
        ...(grpc ? { "rpc.grpc.status_code": 0 } : { "http.response.status_code": 200 }),
        "server.address": "127.0.0.1",
        "server.port": Number(port),
        "tfserving.model.name": "half_plus_two",
        "tfserving.model.version": "1",
      };
      expect(call).toMatchObject({
        name: "tensorflow.serving.PredictionService/Predict",
        kind: SpanKind.CLIENT,
        status: { code: SpanStatusCode.UNSET },
      });
      expect(call?.attributes).toEqual({ ...common, "tfserving.attempts": 1 });
      expect(attempt).toMatchObject({ kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
      expect(attempt?.attributes).toEqual({
        ...common,
        ...(grpc ? {} : { "http.request.method": "POST" }),
        "tfserving.attempt": 1,
      });
      expect(parentOf(attempt!)).toBe(call?.spanContext().spanId);
      const { traceId, spanId } = attempt!.spanContext();
      expect(server.calls[0]?.headers["traceparent"]).toBe(`00-${traceId}-${spanId}-01`);
    },
  );

  it("tells the HTTP status of each attempt that had a reply", async () => {
    await using server = await createTestServer({ models: MODELS });
    const { instrumentation, spans } = setUpTelemetry();
    await using client = createClient(server.restAddress, { instrumentation, retry: { baseDelayMs: 1 } });
    server.inject({ status: 503, times: 1 });
    server.inject({ reset: true, times: 1 });
    await client.predict(REQUEST);
    const statuses = spans().map(({ attributes }) => [
      attributes["rpc.response.status_code"],
      attributes["http.response.status_code"],
    ]);
    expect(statuses).toEqual([
      ["UNAVAILABLE", 503],
      ["UNAVAILABLE", undefined],
      ["OK", 200],
      ["OK", 200],
    ]);
  });

  it("marks what failed with its code, and with nothing of its text", async () => {
    const { instrumentation, spans } = setUpTelemetry();
    const client = createFakeClient(MODELS, { instrumentation });
    await client.predict({ ...REQUEST, model: "absent" }).catch(() => {});
    for (const span of spans()) {
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: "NOT_FOUND" });
      expect(span.attributes).toMatchObject({ "error.type": "NOT_FOUND", "tfserving.error.kind": "not_found" });
      expect(span.events).toEqual([]);
    }
    expect(spans()).toHaveLength(2);
  });

  it("makes a span of a call that never came to an attempt", async () => {
    const { instrumentation, spans } = setUpTelemetry();
    const client = createFakeClient(MODELS, { instrumentation });
    await client.predict({ model: "" } as never).catch(() => {});
    expect(spans().map(({ attributes }) => attributes["tfserving.attempts"])).toEqual([0]);
  });

  it("hangs calls under the span that is active, and what runs inside a call under the call's", async () => {
    context.setGlobalContextManager(new AsyncContext());
    const { instrumentation, spans, tracer } = setUpTelemetry();
    const client = createFakeClient(MODELS, {
      instrumentation,
      middleware: [
        async (call, next) => {
          const answer = await next(call);
          tracer.startSpan("mine").end();
          return answer;
        },
      ],
    });
    const parent = tracer.startSpan("parent");
    await context.with(trace.setSpan(context.active(), parent), () => client.predict(REQUEST));
    expect(trace.getActiveSpan()).toBeUndefined();
    const [attempt, mine, call] = spans();
    expect(mine?.name).toBe("mine");
    expect(parentOf(call!)).toBe(parent.spanContext().spanId);
    expect([parentOf(attempt!), parentOf(mine!)]).toEqual([call?.spanContext().spanId, call?.spanContext().spanId]);
  });

  it("keeps other instrumentations from tracing the exchange of an attempt once more, but not the user's own work", async () => {
    context.setGlobalContextManager(new AsyncContext());
    const key = createContextKey("OpenTelemetry SDK Context Key SUPPRESS_TRACING");
    const { instrumentation } = setUpTelemetry();
    const suppressed: unknown[] = [];
    const note = () => void suppressed.push(context.active().getValue(key));
    const { signatures } = halfPlusTwo.versions[1]!;
    const predict = () => {
      note();
      return { y: [1, 2] };
    };
    const models = { m: { versions: { 1: { signatures, predict } } } };
    const client = createFakeClient(models, {
      instrumentation,
      auth: () => {
        note();
        return "Bearer SECRET";
      },
    });
    await client.predict({ ...REQUEST, model: "m" });
    expect(suppressed).toEqual([undefined, true]);
  });

  it("writes the headers of the propagator that was given, or that the process has", async () => {
    const propagator = {
      inject: (_context: unknown, carrier: unknown, setter: { set(c: unknown, k: string, v: string): void }) =>
        setter.set(carrier, "B3", "given"),
      extract: (given: never) => given,
      fields: () => ["b3"],
    };
    for (const options of [{ propagator }, {}]) {
      if (options.propagator === undefined) propagation.setGlobalPropagator(propagator);
      const { instrumentation } = setUpTelemetry(options);
      await using server = await createTestServer({ models: MODELS });
      await using client = createClient(server.restAddress, { instrumentation });
      await client.predict(REQUEST);
      expect(server.calls[0]?.headers).toMatchObject({ b3: "given" });
      expect(server.calls[0]?.headers["traceparent"]).toBeUndefined();
    }
  });

  it("sends no header for a span that nobody records", async () => {
    await using server = await createTestServer({ models: MODELS });
    await using client = createClient(server.restAddress, { instrumentation: openTelemetry() });
    await client.predict(REQUEST);
    expect(server.calls[0]?.headers["traceparent"]).toBeUndefined();
  });

  it("counts and times calls", async () => {
    const { instrumentation, points } = setUpTelemetry();
    const client = createFakeClient(MODELS, { instrumentation });
    await client.predict(REQUEST);
    await client.predict({ ...REQUEST, model: "absent" }).catch(() => {});
    const codes = async (name: string) =>
      (await points(name)).map(({ attributes, value }) => [
        attributes["rpc.response.status_code"],
        (value as { count?: number }).count ?? value,
      ]);
    const each = [
      ["OK", 1],
      ["NOT_FOUND", 1],
    ];
    expect(await codes("rpc.client.call.duration")).toEqual(each);
    expect(await codes("rpc.client.duration")).toEqual(each);
    expect(await codes("tfserving.client.attempts")).toEqual(each);
    expect((await points("tfserving.client.active_calls")).map(({ value }) => value)).toEqual([0, 0]);
  });

  it("counts bytes as they went over the wire", async () => {
    await using server = await createTestServer({ models: MODELS });
    const { instrumentation, points } = setUpTelemetry();
    await using client = createClient(server.restAddress, { instrumentation });
    let bytes: unknown;
    await client.predict(REQUEST, {
      onResponse: ({ requestBytes, responseBytes }) => {
        bytes = [requestBytes, responseBytes];
      },
    });
    const sums = async (name: string) => (await points(name)).map(({ value }) => (value as { sum: number }).sum);
    const sizes = [await sums("tfserving.client.request.size"), await sums("tfserving.client.response.size")];
    expect(sizes.flat()).toEqual(bytes);
  });

  it("leaves the former names away where only the stable ones are wanted", async () => {
    const { instrumentation, spans, points } = setUpTelemetry({ conventions: "stable" });
    await createFakeClient(MODELS, { instrumentation }).predict(REQUEST);
    expect(spans()[1]?.attributes).not.toHaveProperty(["rpc.system"]);
    expect(spans()[1]?.attributes).toHaveProperty(["rpc.system.name"]);
    expect(await points("rpc.client.duration")).toEqual([]);
    expect(await points("rpc.client.call.duration")).toHaveLength(1);
  });

  it("notes retries on the span of the call, and counts them by what came of them", async () => {
    const { instrumentation, spans, points } = setUpTelemetry();
    const tell = instrumentation.onEvent!;
    tell({ type: "callStarted", ...IDENTITY, endpoint: "grpc://h:8500" });
    tell({ type: "retryScheduled", ...IDENTITY, attempt: 1, fault: FAULT, delayMs: 40 });
    tell({ type: "retryRefused", ...IDENTITY, attempt: 2, fault: FAULT, reason: "budget" });
    tell({ ...ENDED, outcome: "failed", ...FAULT, attempts: 2 });
    expect(spans()[0]?.events.map(({ name, attributes }) => [name, attributes])).toEqual([
      [
        "tfserving.retry",
        {
          "tfserving.attempt": 1,
          "tfserving.retry.delay_ms": 40,
          "error.type": "UNAVAILABLE",
          "tfserving.error.kind": "overloaded",
        },
      ],
      [
        "tfserving.retry_refused",
        {
          "tfserving.attempt": 2,
          "tfserving.retry.reason": "budget",
          "error.type": "UNAVAILABLE",
          "tfserving.error.kind": "overloaded",
        },
      ],
    ]);
    const outcomes = (await points("tfserving.client.retries")).map(
      ({ attributes }) => attributes["tfserving.retry.outcome"],
    );
    expect(outcomes).toEqual(["scheduled", "budget"]);
  });

  it("ends the span of an attempt that outlives its call, and makes none for what it never saw begin", () => {
    const { instrumentation, spans } = setUpTelemetry();
    const tell = instrumentation.onEvent!;
    const choice = { version: undefined, versionLabel: undefined, signatureName: undefined };
    const ended = {
      code: "OK",
      kind: undefined,
      endpoint: "grpc://h:8500",
      httpStatus: undefined,
      durationMs: 1,
    } as const;
    tell({ type: "attemptStarted", ...IDENTITY, callId: "unknown", attempt: 1, ...choice });
    tell({ type: "callStarted", ...IDENTITY, endpoint: "grpc://h:8500" });
    tell({ type: "attemptStarted", ...IDENTITY, attempt: 1, ...choice });
    tell(ENDED);
    tell({ type: "attemptEnded", ...IDENTITY, attempt: 1, ...ended });
    expect(spans().map(({ status }) => status.message)).toEqual(["CANCELLED", undefined]);
  });

  it("sends each retry and each hedge with a span of its own", async () => {
    await using server = await createTestServer({ models: MODELS });
    const { instrumentation, spans } = setUpTelemetry();
    const options = { instrumentation, retry: { baseDelayMs: 1 } };
    await using retrying = createClient(server.grpcAddress, options);
    server.inject({ code: "UNAVAILABLE", times: 1 });
    await retrying.predict(REQUEST);
    await using hedging = createClient(server.grpcAddress, { ...options, hedging: { delayMs: 50 } });
    await hedging.connect();
    const slow = server.inject({ hang: true, times: 1 });
    await hedging.predict(REQUEST);
    expect(slow.strikes).toBe(1);

    const calls = spans().filter(({ attributes }) => attributes["tfserving.attempts"] !== undefined);
    const attempts = spans().filter(({ attributes }) => attributes["tfserving.attempt"] !== undefined);
    const under = calls.map((call) =>
      attempts
        .filter((attempt) => parentOf(attempt) === call.spanContext().spanId)
        .map(({ attributes }) => [attributes["tfserving.attempt"], attributes["rpc.response.status_code"]])
        .sort(),
    );
    expect(under).toEqual([
      [
        [1, "UNAVAILABLE"],
        [2, "OK"],
      ],
      [
        [1, "CANCELLED"],
        [2, "OK"],
      ],
    ]);
    const sent = server.calls.map(({ headers }) => headers["traceparent"]?.split("-")[2]).sort();
    expect(sent).toEqual(attempts.map((attempt) => attempt.spanContext().spanId).sort());
  });

  it("makes a span for each of the calls that share a request, and one of the attempt that they share", async () => {
    const { instrumentation, spans } = setUpTelemetry();
    const client = createFakeClient(MODELS, { instrumentation, batching: { maxBatchSize: 8, maxInFlight: 1 } });
    await Promise.all(Array.from({ length: 5 }, () => client.predict(REQUEST)));
    const calls = spans().filter(({ attributes }) => attributes["tfserving.attempts"] !== undefined);
    const attempts = spans().filter(({ attributes }) => attributes["tfserving.attempt"] !== undefined);
    expect(calls).toHaveLength(5);
    expect(attempts.length).toBeLessThan(5);
    const carriers = new Set(attempts.map(parentOf));
    const others = calls.filter((call) => !carriers.has(call.spanContext().spanId));
    expect(others.every(({ links }) => carriers.has(links[0]?.context.spanId))).toBe(true);
  });

  it("counts and times what the queue of the concurrency limit does", async () => {
    const { instrumentation, points } = setUpTelemetry();
    const tell = instrumentation.onEvent!;
    tell({ type: "queueWaited", ...IDENTITY, waitedMs: 30, admitted: true });
    tell({ type: "queueRejected", ...IDENTITY, underWay: 20, waiting: 20 });
    expect((await points("tfserving.client.queue.wait")).map(({ value }) => value)).toMatchObject([{ sum: 0.03 }]);
    expect((await points("tfserving.client.queue.rejections")).map(({ value }) => value)).toEqual([1]);
  });

  it("links calls that share a request to the one that carries it, and back", async () => {
    const { instrumentation, spans, points } = setUpTelemetry();
    const tell = instrumentation.onEvent!;
    const callIds = ["x-1", "x-2", "x-3"];
    for (const callId of callIds) tell({ type: "callStarted", ...IDENTITY, callId, endpoint: "grpc://h:8500" });
    tell({
      type: "batchSent",
      operation: "predict",
      model: "m",
      calls: 3,
      rows: 7,
      paddingRows: 1,
      bytes: 28,
      paddingBytes: 4,
      longestWaitMs: 20,
      totalWaitMs: 30,
      rowsLeft: 0,
      callIds: [...callIds, "unknown"],
      traceParents: [],
    });
    for (const callId of callIds) tell({ ...ENDED, callId });
    const ids = spans().map((span) => span.spanContext().spanId);
    expect(spans().map(({ links }) => links.map((link) => link.context.spanId))).toEqual([
      [ids[1], ids[2]],
      [ids[0]],
      [ids[0]],
    ]);
    expect((await points("tfserving.client.batch.size")).map(({ value }) => value)).toMatchObject([{ sum: 7 }]);
    expect((await points("tfserving.client.batch.wait")).map(({ value }) => value)).toMatchObject([{ sum: 0.02 }]);
  });

  it("counts ejections and circuits by server", async () => {
    const { instrumentation, points } = setUpTelemetry();
    const tell = instrumentation.onEvent!;
    const endpoint = "grpcs://[2001:db8::1]:8500";
    tell({ type: "endpointEjected", endpoint, reason: "faults", forMs: 5_000, lastFault: FAULT });
    tell({ type: "endpointRestored", endpoint });
    tell({ type: "circuitOpened", endpoint: "grpc+unix:///run/tfs.sock", forMs: 5_000, lastFault: FAULT });
    expect((await points("tfserving.client.ejections")).map(({ attributes }) => attributes)).toEqual([
      { "server.address": "2001:db8::1", "server.port": 8500, "tfserving.ejection.reason": "faults" },
    ]);
    expect((await points("tfserving.client.circuit_openings")).map(({ attributes }) => attributes)).toEqual([
      { "server.address": "/run/tfs.sock" },
    ]);
  });

  it("refuses an option that it does not know, and one that cannot be", () => {
    expect(() => openTelemetry({ tracer: {} } as never)).toThrow('openTelemetry: unknown option "tracer"');
    expect(() => openTelemetry({ conventions: "old" } as never)).toThrow(
      'openTelemetry: option "conventions" must be "stable" or "both", got old',
    );
  });

  it("lets a call fail with what it failed with, traced or not", async () => {
    const { instrumentation } = setUpTelemetry();
    const client = createFakeClient(MODELS, { instrumentation });
    await expect(client.predict({ ...REQUEST, model: "absent" })).rejects.toBeInstanceOf(ServingError);
  });
});
