import { describe, expect, it } from "vitest";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { type HedgingSettings, hedging } from "../../../src/policies/hedging.ts";
import { createRetryBudget, NO_RETRY_BUDGET } from "../../../src/policies/retry-budget.ts";
import { newContext } from "./call-context.ts";
import { FakeClock } from "./fake-clock.ts";

interface Sent {
  readonly context: CallContext;
  readonly atMs: number;
  answer(value: string): void;
  fail(error: unknown): void;
}

function setUp(changes: Partial<HedgingSettings> = {}) {
  const clock = new FakeClock();
  const start = clock.now();
  const sent: Sent[] = [];
  const wire = ((_operation, _request, context) =>
    new Promise((resolve, reject) => {
      const { ledger, attempt, cancellation } = context;
      ledger.endpoint = `grpc://${attempt}`;
      const note = (code: "OK" | "UNKNOWN" | "CANCELLED") =>
        ledger.attempts.push({ attempt, endpoint: `grpc://${attempt}`, code, durationMs: 0 });
      const release = cancellation.onCancel((reason) => {
        note("CANCELLED");
        reject(reason);
      });
      sent.push({
        context,
        atMs: clock.now() - start,
        answer: (value) => {
          release();
          note("OK");
          ledger.responseHeaders = { from: String(attempt) };
          resolve(value as never);
        },
        fail: (error) => {
          release();
          note("UNKNOWN");
          reject(error);
        },
      });
    })) as Call;
  const settings = { clock, budget: NO_RETRY_BUDGET, transport: { endpoint: "grpc://" }, delayMs: 50, maxHedges: 1 };
  const call = hedging({ ...settings, ...changes })(wire);
  const run = (context: CallContext) => {
    context.ledger.started = 1;
    const result = call("getModelStatus", { model: "m" }, context) as Promise<unknown>;
    return result.catch((error: unknown) => error);
  };
  return { clock, sent, run };
}

const lost = () => new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });

describe("hedging", () => {
  it("leaves a call alone that is answered in time", async () => {
    const { clock, sent, run } = setUp();
    const result = run(newContext({ maxRetries: 1 }));
    await clock.advance(49);
    sent[0]?.answer("first");
    expect(await result).toBe("first");
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("starts another try elsewhere; the first answer wins and the other try is cancelled", async () => {
    const { clock, sent, run } = setUp();
    const context = newContext({ maxRetries: 1 });
    const result = run(context);
    await clock.advance(50);
    expect(sent.map(({ atMs, context: { attempt, avoid } }) => [atMs, attempt, [...avoid]])).toEqual([
      [0, 1, []],
      [50, 2, ["grpc://1"]],
    ]);
    sent[1]?.answer("second");
    expect(await result).toBe("second");
    expect(sent[0]?.context.cancellation.cancelled).toBe(true);
    expect(context.cancellation.cancelled).toBe(false);
    // Both are in the ledger by the time that the call is over, and the winner's reply is.
    expect(context.ledger.attempts.map(({ attempt, code }) => [attempt, code])).toEqual([
      [2, "OK"],
      [1, "CANCELLED"],
    ]);
    expect(context.ledger.responseHeaders).toEqual({ from: "2" });
  });

  it("starts as many as it may, one after the other", async () => {
    const { clock, sent, run } = setUp({ maxHedges: 3 });
    void run(newContext({ maxRetries: 1 }));
    await clock.advance(1_000);
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 50, 100, 150]);
    expect([...(sent[3]?.context.avoid ?? [])]).toEqual(["grpc://1", "grpc://2", "grpc://3"]);
    expect(clock.pending).toBe(0);
  });

  it("waits for the tries that are left when one fails, and rejects when all have", async () => {
    const { clock, sent, run } = setUp();
    const result = run(newContext({ maxRetries: 1 }));
    await clock.advance(50);
    sent[0]?.fail(lost());
    await clock.advance(0);
    const last = lost();
    sent[1]?.fail(last);
    expect(await result).toBe(last);
  });

  it("does not wait for the others where they would come to the same", async () => {
    const { clock, sent, run } = setUp();
    const result = run(newContext({ maxRetries: 1 }));
    await clock.advance(50);
    const wrong = new ServingError("bad", { code: "INVALID_ARGUMENT", kind: "invalid" });
    sent[1]?.fail(wrong);
    expect(await result).toBe(wrong);
    expect(sent[0]?.context.cancellation.cancelled).toBe(true);
  });

  it("starts no other try after a failure: that is for retries", async () => {
    const { clock, sent, run } = setUp();
    const result = run(newContext({ maxRetries: 1 }));
    await clock.advance(10);
    sent[0]?.fail(lost());
    expect(await result).toMatchObject({ code: "UNAVAILABLE" });
    await clock.advance(1_000);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("pays double for a hedge, and goes without where it cannot", async () => {
    const { clock, sent, run } = setUp({
      maxHedges: 3,
      budget: createRetryBudget(new FakeClock(), { burst: 3, perSecond: 0, ratio: 0 }),
    });
    void run(newContext({ maxRetries: 1 }));
    await clock.advance(1_000);
    expect(sent).toHaveLength(2);
  });

  it("does not hedge what must not be worked on twice", async () => {
    const { clock, sent, run } = setUp();
    void run(newContext({ maxRetries: 1, idempotent: false }));
    await clock.advance(1_000);
    expect(sent).toHaveLength(1);
  });

  it("does not hedge a call that wants one try only, such as a probe", async () => {
    const { clock, sent, run } = setUp();
    void run(newContext({ maxRetries: 0 }));
    await clock.advance(1_000);
    expect(sent).toHaveLength(1);
  });

  it("ends all tries and its timer with the call", async () => {
    const { clock, sent, run } = setUp({ maxHedges: 5 });
    const context = newContext({ maxRetries: 1 });
    const result = run(context);
    await clock.advance(60);
    context.cancellation.cancel("left");
    expect(await result).toBe("left");
    expect(sent.map((each) => each.context.cancellation.reason)).toEqual(["left", "left"]);
    await clock.advance(1_000);
    expect(sent).toHaveLength(2);
    expect(clock.pending).toBe(0);
  });
});
