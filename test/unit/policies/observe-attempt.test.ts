import { describe, expect, it } from "vitest";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import type { Instrumentation } from "../../../src/contract/instrumentation.ts";
import type { PredictResponse } from "../../../src/contract/predict.ts";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Emitter } from "../../../src/policies/emitter.ts";
import { observeAttempt } from "../../../src/policies/observe-attempt.ts";
import { newContext } from "./call-context.ts";
import { FakeClock } from "./fake-clock.ts";

const RESPONSE: PredictResponse = { outputs: {}, modelSpec: { name: "m" } };
const REQUEST = { model: "m", versionLabel: "stable", signatureName: "serving_default", inputs: {} };

function setUp(work: (context: CallContext) => Promise<unknown>, instrumentation?: Instrumentation) {
  const clock = new FakeClock();
  const events: ClientEvent[] = [];
  const emitter = new Emitter({ onEvent: (event) => void events.push(event), instrumentation, logger: {} });
  const next = ((_operation, _request, context) => work(context)) as Call;
  const call = observeAttempt({ clock, endpoint: "grpc://h:8500", emitter })(next);
  const heard = () => emitter.eventsOf({ operation: "predict", model: "m", wire: "grpc" });
  const run = (changes: Partial<CallContext> = {}) =>
    call("predict", REQUEST, newContext({ events: heard(), ...changes }));
  return { clock, events, run };
}

describe("observeAttempt", () => {
  it("tells which try begins, what it asks for, where it went and how it ended", async () => {
    const { clock, events, run } = setUp(async ({ ledger, attempt }) => {
      await clock.advance(5);
      ledger.attempts.push({ attempt, endpoint: "grpc://b:8500", code: "OK", durationMs: 4 });
      return RESPONSE;
    });
    await run({ attempt: 2 });
    const { callId } = events[0] as { callId: string };
    const identity = { callId, operation: "predict", model: "m", wire: "grpc", attempt: 2 };
    expect(events).toEqual([
      {
        type: "attemptStarted",
        ...identity,
        version: undefined,
        versionLabel: "stable",
        signatureName: "serving_default",
      },
      { type: "attemptEnded", ...identity, endpoint: "grpc://b:8500", code: "OK", kind: undefined, durationMs: 5 },
    ]);
  });

  it("tells the code of a failure, and hands the failure on", async () => {
    const error = new ServingError("SECRET", { code: "UNAVAILABLE", kind: "unavailable" });
    const { events, run } = setUp(() => Promise.reject(error));
    await expect(run()).rejects.toBe(error);
    expect(events[1]).toMatchObject({ endpoint: "grpc://h:8500", code: "UNAVAILABLE", kind: "unavailable" });
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });

  it("tells of a try that the caller's abort cut short", async () => {
    const reason = new Error("SECRET");
    const { events, run } = setUp(async ({ cancellation }) => {
      cancellation.cancel(reason);
      throw reason;
    });
    await expect(run()).rejects.toBe(reason);
    expect(events[1]).toMatchObject({ code: "CANCELLED", kind: undefined });
  });

  it("does nothing where nobody listens to the call", async () => {
    const { events, run } = setUp(async () => RESPONSE);
    await expect(run({ events: undefined })).resolves.toBe(RESPONSE);
    expect(events).toEqual([]);
  });

  it("sends the headers of the instrumentation, but none that are the client's own or carry credentials", async () => {
    let sent: CallContext["headers"] = {};
    const headers = {
      TraceParent: "00-1-2-01",
      authorization: "SECRET",
      cookie: "SECRET",
      "content-length": "3",
      "grpc-timeout": "1S",
      bad: "line\r\nend",
    };
    const { run } = setUp(
      async (context) => {
        sent = context.headers;
        return RESPONSE;
      },
      { aroundAttempt: (_attempt, begin) => begin(headers) },
    );
    await run({ headers: { "x-own": "1", traceparent: "older" } });
    expect(sent).toEqual({ "x-own": "1", traceparent: "00-1-2-01" });
  });
});
