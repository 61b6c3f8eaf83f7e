import { describe, expect, it } from "vitest";
import type { ResponseInfo } from "../../../src/contract/call-options.ts";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import type { Logger } from "../../../src/contract/logger.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import type { CallScope } from "../../../src/policies/call-scope.ts";
import { Emitter } from "../../../src/policies/emitter.ts";
import { type Observer, observeBegin, observeEnd } from "../../../src/policies/observe.ts";
import { newContext } from "./call-context.ts";
import { FakeClock, turn } from "./fake-clock.ts";

type Line = [level: string, message: string, fields: unknown];

function setUp(changes: Partial<CallScope> = {}) {
  const clock = new FakeClock();
  const lines: Line[] = [];
  const infos: ResponseInfo[] = [];
  const events: ClientEvent[] = [];
  const write = (level: string) => (message: string, fields?: unknown) => void lines.push([level, message, fields]);
  const logger: Logger = { debug: write("debug"), warn: write("warn") };
  const scope: CallScope = {
    operation: "predict",
    model: "m",
    context: newContext(),
    timeoutMs: 1_000,
    onResponse: (info) => void infos.push(info),
    mayFail: false,
    ...changes,
  };
  const emitter = new Emitter({ onEvent: (event) => void events.push(event), logger });
  const observer: Observer = { clock, emitter, logger, endpoint: "grpc://h:8500" };
  const run = <T>(work: () => Promise<T>) => observed(observer, scope, work);
  const listened = <T>(work: () => Promise<T>) => {
    const context = { ...scope.context, events: emitter.eventsOf({ operation: "predict", model: "m", wire: "grpc" }) };
    return observed(observer, { ...scope, context }, work);
  };
  return { clock, lines, infos, events, scope, run, listened };
}

/** A call that is told of from its beginning to its end. */
async function observed<T>(observer: Observer, scope: CallScope, work: () => Promise<T>): Promise<T> {
  const startedAt = observer.clock.now();
  try {
    const result = await observeBegin(observer, scope, work);
    observeEnd(observer, scope, startedAt, { result });
    return result;
  } catch (error) {
    observeEnd(observer, scope, startedAt, { error });
    throw error;
  }
}

const attempt = { attempt: 1, endpoint: "grpc://h:8500", code: "OK", durationMs: 4 } as const;

describe("observeBegin and observeEnd", () => {
  it("tells onResponse once what the call did", async () => {
    const { clock, infos, scope, run } = setUp();
    await run(async () => {
      await clock.advance(12);
      const { ledger } = scope.context;
      ledger.attempts.push(attempt);
      ledger.responseHeaders = { "x-served": "1" };
      ledger.requestBytes = 40;
    });
    expect(infos).toEqual([
      {
        operation: "predict",
        model: "m",
        endpoint: "grpc://h:8500",
        attempts: [attempt],
        headers: { "x-served": "1" },
        trailers: {},
        durationMs: 12,
        requestBytes: 40,
        responseBytes: undefined,
      },
    ]);
  });

  it("tells onResponse of a failure too, and hands the failure on", async () => {
    const { infos, run } = setUp();
    const error = new ServingError("gone", { code: "NOT_FOUND", kind: "not_found" });
    await expect(run(() => Promise.reject(error))).rejects.toBe(error);
    expect(infos).toHaveLength(1);
  });

  it("fills in what an error does not know, and leaves what it does", async () => {
    const { run, scope } = setUp();
    scope.context.ledger.attempts.push(attempt);
    const bare = new ServingError("gone", { code: "NOT_FOUND", kind: "not_found" });
    await run(() => Promise.reject(bare)).catch(() => {});
    expect(bare).toMatchObject({ operation: "predict", model: "m", endpoint: "grpc://h:8500", attempts: [attempt] });
    const knowing = new ServingError("gone", { code: "NOT_FOUND", kind: "not_found", operation: "getModelMetadata" });
    await run(() => Promise.reject(knowing)).catch(() => {});
    expect(knowing.operation).toBe("getModelMetadata");
  });

  it("does not touch the reason of the caller's signal, even where it is one of our errors", async () => {
    const reason = new ServingError("mine", { code: "ABORTED", kind: "cancelled" });
    const { lines, run } = setUp({ context: newContext({ signal: AbortSignal.abort(reason) }) });
    await expect(run(() => Promise.reject(reason))).rejects.toBe(reason);
    expect(reason.operation).toBeUndefined();
    expect(lines.map(([level, message]) => [level, message])).toEqual([["debug", "predict was aborted by the caller"]]);
  });

  it.each([
    [
      "throws",
      () => {
        throw new Error("hook");
      },
    ],
    ["rejects", () => Promise.reject(new Error("hook"))],
  ])("tells the logger and nobody else when onResponse %s", async (_how, onResponse) => {
    const { lines, run } = setUp({ onResponse: onResponse as () => void });
    await expect(run(async () => "well")).resolves.toBe("well");
    await turn();
    expect(lines).toContainEqual([
      "warn",
      "onResponse failed; the call is not affected",
      { operation: "predict", model: "m" },
    ]);
  });

  it("writes one debug line for a call and one warn line for a failed one, with codes and no texts", async () => {
    const { lines, run } = setUp();
    await run(async () => {});
    await run(() => Promise.reject(new ServingError("SECRET", { code: "INTERNAL", kind: "decode" }))).catch(() => {});
    const fields = { operation: "predict", model: "m", endpoint: "grpc://h:8500", attempts: 0, durationMs: 0 };
    expect(lines).toEqual([
      ["debug", "predict ended well", fields],
      ["warn", "predict failed", { ...fields, code: "INTERNAL", kind: "decode" }],
    ]);
  });

  it("does not warn of a failure that is one of the expected outcomes", async () => {
    const { lines, run } = setUp({ mayFail: true });
    await run(() => Promise.reject(new ServingError("no", { code: "NOT_FOUND", kind: "not_found" }))).catch(() => {});
    expect(lines.map(([level]) => level)).toEqual(["debug"]);
  });

  it("tells that a call began and how it ended, under one id", async () => {
    const { clock, events, scope, listened } = setUp();
    await listened(async () => {
      await clock.advance(7);
      const { ledger } = scope.context;
      ledger.attempts.push({ ...attempt, endpoint: "grpc://replica:8500" });
      ledger.requestBytes = 40;
      ledger.responseBytes = 50;
      return { modelSpec: { name: "m", version: 3 } };
    });
    const { callId } = events[0] as { callId: string };
    const identity = { callId, operation: "predict", model: "m", wire: "grpc" };
    expect(events).toEqual([
      { type: "callStarted", ...identity, endpoint: "grpc://h:8500" },
      {
        type: "callEnded",
        ...identity,
        outcome: "ok",
        code: "OK",
        kind: undefined,
        endpoint: "grpc://replica:8500",
        durationMs: 7,
        attempts: 1,
        requestBytes: 40,
        responseBytes: 50,
        servedVersion: 3,
      },
    ]);
  });

  it("tells the code of a failure and nothing of its text", async () => {
    const { events, listened } = setUp();
    const error = new ServingError("SECRET", { code: "UNAVAILABLE", kind: "overloaded" });
    await listened(() => Promise.reject(error)).catch(() => {});
    expect(events[1]).toMatchObject({ type: "callEnded", outcome: "failed", code: "UNAVAILABLE", kind: "overloaded" });
    expect(JSON.stringify(events)).not.toContain("SECRET");
  });

  it("tells of an abort by the caller and of what is none of our errors", async () => {
    const reason = new Error("SECRET");
    const aborted = setUp({ context: newContext({ signal: AbortSignal.abort(reason) }) });
    await aborted.listened(() => Promise.reject(reason)).catch(() => {});
    expect(aborted.events[1]).toMatchObject({ outcome: "aborted", code: "CANCELLED", kind: undefined });
    const odd = setUp();
    await odd.listened(() => Promise.reject(new TypeError("SECRET"))).catch(() => {});
    expect(odd.events[1]).toMatchObject({ outcome: "failed", code: "UNKNOWN", kind: undefined });
    expect(JSON.stringify([...aborted.events, ...odd.events])).not.toContain("SECRET");
  });
});
