import { describe, expect, it } from "vitest";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { retryFactsOf } from "../../../src/errors/retry-facts.ts";
import type { ServingError } from "../../../src/errors/serving-error.ts";
import { attemptTimeout } from "../../../src/policies/attempt-timeout.ts";
import { newContext } from "./call-context.ts";
import { FakeClock } from "./fake-clock.ts";

function setUp(answer: (context: CallContext) => Promise<unknown> = () => new Promise(() => {})) {
  const clock = new FakeClock();
  const seen: CallContext[] = [];
  const wire = (async (_operation, _request, context) => {
    seen.push(context);
    return answer(context);
  }) as Call;
  const call = attemptTimeout(clock)(wire);
  return { clock, seen, run: (context: CallContext) => call("getModelStatus", { model: "m" }, context) };
}

describe("attemptTimeout", () => {
  it("does nothing where no limit is set, or the call itself ends sooner", async () => {
    const { clock, seen, run } = setUp(async () => ({ versions: [] }));
    const plain = newContext();
    await run(plain);
    const hurried = newContext({ attemptTimeoutMs: 100, deadlineAt: clock.now() + 50 });
    await run(hurried);
    expect(seen).toEqual([plain, hurried]);
    expect(seen[0]).toBe(plain);
    expect(seen[1]).toBe(hurried);
    expect(clock.pending).toBe(0);
  });

  it("ends the try, not the call, and says what it was waiting for", async () => {
    const { clock, seen, run } = setUp();
    const context = newContext({ attemptTimeoutMs: 100, deadlineAt: clock.now() + 1_000 });
    context.ledger.phase = "reading the body";
    const failed = run(context).catch((error: ServingError) => error);
    await clock.advance(99);
    expect(seen[0]?.cancellation.cancelled).toBe(false);
    await clock.advance(1);
    const error = (await failed) as ServingError;
    expect(error).toMatchObject({
      code: "DEADLINE_EXCEEDED",
      kind: "timeout",
      rawMessage: "no answer within attemptTimeoutMs 100 (reading the body)",
      retryable: true,
    });
    expect(retryFactsOf(error)).toEqual({ delivery: "maybe", again: "yes" });
    expect(seen[0]?.cancellation.reason).toBe(error);
    expect(context.cancellation.cancelled).toBe(false);
  });

  it("tells the wire of the shorter time", async () => {
    const { clock, seen, run } = setUp(async () => ({ versions: [] }));
    await run(newContext({ attemptTimeoutMs: 100, deadlineAt: clock.now() + 1_000 }));
    expect(seen[0]?.deadlineAt).toBe(clock.now() + 100);
  });

  it("ends with the call, for the call's reason, and leaves no timer", async () => {
    const { clock, seen, run } = setUp();
    const context = newContext({ attemptTimeoutMs: 100 });
    const failed = run(context).catch((error: unknown) => error);
    context.cancellation.cancel("left");
    expect(await failed).toBe("left");
    expect(seen[0]?.cancellation.reason).toBe("left");
    expect(clock.pending).toBe(0);
  });

  it("leaves neither timer nor listener behind an answer", async () => {
    const { clock, run } = setUp(async () => ({ versions: [] }));
    const context = newContext({ attemptTimeoutMs: 100 });
    await run(context);
    expect(clock.pending).toBe(0);
    context.cancellation.cancel("later");
  });
});
