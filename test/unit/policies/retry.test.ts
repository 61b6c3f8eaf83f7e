import { describe, expect, it } from "vitest";
import type { CallEventDetails } from "../../../src/contract/call-event.ts";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { setRetryFacts } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { type RetrySettings, retry } from "../../../src/policies/retry.ts";
import { createRetryBudget, NO_RETRY_BUDGET } from "../../../src/policies/retry-budget.ts";
import { newContext } from "./call-context.ts";
import { FakeClock, turn } from "./fake-clock.ts";

const unavailable = () => new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });
const overloaded = () => new ServingError("full", { code: "UNAVAILABLE", kind: "overloaded" });
const notFound = () => new ServingError("none", { code: "NOT_FOUND", kind: "not_found" });
const refused = () => new ServingError("who?", { code: "UNAUTHENTICATED", kind: "auth" });
const invalid = () => new ServingError("bad", { code: "INVALID_ARGUMENT", kind: "invalid" });

const OK = { versions: [] };

/** Fails with what the list holds, then answers. */
function setUp(failures: (() => unknown)[], changes: Partial<RetrySettings> = {}) {
  const clock = new FakeClock();
  const sent: (CallContext & { readonly atMs: number })[] = [];
  const start = clock.now();
  const wire = (async (_operation, _request, context) => {
    sent.push({ ...context, atMs: clock.now() - start });
    const failure = failures[sent.length - 1];
    const endpoint = `grpc://${sent.length}`;
    context.ledger.attempts.push({
      attempt: context.attempt,
      endpoint,
      code: failure ? "UNKNOWN" : "OK",
      durationMs: 0,
    });
    if (failure !== undefined) throw failure();
    return OK;
  }) as Call;
  const call = retry({
    clock,
    budget: NO_RETRY_BUDGET,
    backoff: { baseDelayMs: 100, throttleDelayMs: 250, maxDelayMs: 5_000, random: () => 0.5 },
    transport: { endpoint: "grpc://1" },
    canRenewAuth: false,
    ...changes,
  })(wire);
  const run = (context: Partial<CallContext> = {}) => {
    const made = newContext({ maxRetries: 2, ...context });
    return call("getModelStatus", { model: "m" }, made);
  };
  return { clock, sent, run };
}

async function ended(clock: FakeClock, result: Promise<unknown>, ms = 60_000): Promise<unknown> {
  const settled = result.catch((error: unknown) => error);
  await clock.advance(ms);
  return settled;
}

describe("retry", () => {
  it("hands a first answer through, with the call's own context", async () => {
    const { clock, sent, run } = setUp([]);
    const context = newContext({ maxRetries: 2 });
    await expect(run(context)).resolves.toBe(OK);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.cancellation).toBe(context.cancellation);
    expect(clock.pending).toBe(0);
  });

  it("tries again after a pause that doubles, and numbers the tries", async () => {
    const { clock, sent, run } = setUp([unavailable, unavailable]);
    expect(await ended(clock, run())).toBe(OK);
    expect(sent.map(({ attempt, atMs }) => [attempt, atMs])).toEqual([
      [1, 0],
      [2, 50],
      [3, 150],
    ]);
  });

  it("gives the last failure when its retries are used up", async () => {
    const last = unavailable();
    const { clock, sent, run } = setUp([unavailable, unavailable, () => last]);
    expect(await ended(clock, run())).toBe(last);
    expect(sent).toHaveLength(3);
  });

  it("does not retry without retries, what will not help, or what is no failure of the wire", async () => {
    for (const [failure, options] of [
      [unavailable, { maxRetries: 0 }],
      [invalid, {}],
      [() => new Error("mine"), {}],
      [unavailable, { idempotent: false }],
    ] as const) {
      const { clock, sent, run } = setUp([failure]);
      expect(await ended(clock, run(options))).toBeInstanceOf(Error);
      expect(sent).toHaveLength(1);
    }
  });

  it("avoids where the call has failed, and says so to the transport", async () => {
    const { clock, sent, run } = setUp([unavailable, unavailable]);
    await ended(clock, run());
    expect(sent.map(({ avoid }) => [...avoid])).toEqual([[], ["grpc://1"], ["grpc://1", "grpc://2"]]);
  });

  it("goes to another server at once, and waits only when it has been everywhere", async () => {
    const alternatives = (avoid: ReadonlySet<string>) => 2 - avoid.size;
    const { clock, sent, run } = setUp([unavailable, unavailable], {
      transport: { endpoint: "grpc://", alternatives },
    });
    await ended(clock, run());
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 0, 100]);
  });

  it("asks for a model elsewhere once, where there is an elsewhere", async () => {
    const alternatives = (avoid: ReadonlySet<string>) => 3 - avoid.size;
    const several = setUp([notFound, notFound], { transport: { endpoint: "grpc://", alternatives } });
    expect(await ended(several.clock, several.run())).toMatchObject({ code: "NOT_FOUND" });
    expect(several.sent).toHaveLength(2);
    const one = setUp([notFound]);
    expect(await ended(one.clock, one.run())).toMatchObject({ code: "NOT_FOUND" });
    expect(one.sent).toHaveLength(1);
  });

  it("asks once for another credential, and only of a function that can give one", async () => {
    const { clock, sent, run } = setUp([refused, refused], { canRenewAuth: true });
    expect(await ended(clock, run())).toMatchObject({ code: "UNAUTHENTICATED" });
    expect(sent.map(({ renewAuth }) => renewAuth)).toEqual([undefined, true]);
    const own = setUp([refused], { canRenewAuth: true });
    await ended(own.clock, own.run({ headers: { authorization: "mine" } }));
    expect(own.sent).toHaveLength(1);
  });

  it("waits longer where there is too much to do, and as long as the peer asks", async () => {
    const asks = () => setRetryFacts(overloaded(), { retryAfterMs: 2_000 });
    const { clock, sent, run } = setUp([overloaded, asks]);
    await ended(clock, run());
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 125, 125 + 2_000 + 250]);
  });

  it("does not hold other servers to what one of them asked for", async () => {
    const asks = () => setRetryFacts(overloaded(), { retryAfterMs: 2_000 });
    const { clock, sent, run } = setUp([asks], { transport: { endpoint: "grpc://", alternatives: () => 1 } });
    await ended(clock, run());
    expect(sent.map(({ atMs }) => atMs)).toEqual([0, 125]);
  });

  it("gives up at once when the next try could not begin before the deadline", async () => {
    const failure = setRetryFacts(unavailable(), { retryAfterMs: 3_600_000 });
    const { clock, sent, run } = setUp([() => failure]);
    const settled = run({ deadlineAt: clock.now() + 30_000 }).catch((error: unknown) => error);
    await turn();
    expect(await settled).toBe(failure);
    expect(sent).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it("ends a pause with whatever ends the call", async () => {
    const { clock, sent, run } = setUp([unavailable]);
    const context = newContext({ maxRetries: 2 });
    const settled = run(context).catch((error: unknown) => error);
    await clock.advance(10);
    expect(clock.pending).toBe(1);
    context.cancellation.cancel("left");
    expect(await settled).toBe("left");
    expect(clock.pending).toBe(0);
    expect(sent).toHaveLength(1);
  });

  it("pays for each retry, and gives up where the budget does not allow it", async () => {
    const clock = new FakeClock();
    const budget = createRetryBudget(clock, { burst: 1, perSecond: 0, ratio: 0 });
    const { clock: own, sent, run } = setUp([unavailable, unavailable], { budget });
    expect(await ended(own, run())).toMatchObject({ code: "UNAVAILABLE" });
    expect(sent).toHaveLength(2);
  });

  it("goes on counting where a middleware makes a call twice", async () => {
    const { clock, sent, run } = setUp([unavailable]);
    const context = newContext({ maxRetries: 2 });
    await ended(clock, run(context));
    await ended(clock, run(context));
    expect(sent.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
  });

  it("leaves a note of overload and timeouts for the concurrency limit", async () => {
    const { clock, run } = setUp([overloaded]);
    const context = newContext({ maxRetries: 2 });
    await ended(clock, run(context));
    expect(context.ledger.pressed).toBe(true);
  });

  it("tells of a retry that comes and of one that is not allowed", async () => {
    const told: CallEventDetails[] = [];
    const events = {
      identity: { callId: "1", operation: "getModelStatus", model: "m", wire: "grpc" } as const,
      tell: (details: CallEventDetails) => void told.push(details),
    };
    const clock = new FakeClock();
    const budget = createRetryBudget(clock, { burst: 1, perSecond: 0, ratio: 0 });
    const { clock: own, run } = setUp([unavailable, unavailable], { budget });
    await ended(own, run({ events }));
    const late = setUp([unavailable]);
    await ended(late.clock, late.run({ events, deadlineAt: late.clock.now() + 20 }));
    const fault = { code: "UNAVAILABLE", kind: "unavailable" };
    expect(told).toEqual([
      { type: "retryScheduled", attempt: 1, fault, delayMs: 50 },
      { type: "retryRefused", attempt: 2, fault, reason: "budget" },
      { type: "retryRefused", attempt: 1, fault, reason: "deadline" },
    ]);
  });
});
