import { describe, expect, it } from "vitest";
import { Lifetime } from "../../../src/client/lifetime.ts";
import { RunningCall } from "../../../src/client/running-call.ts";
import type { ResponseInfo } from "../../../src/contract/call-options.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { bounded } from "../../../src/policies/bounded.ts";
import { Emitter } from "../../../src/policies/emitter.ts";
import { newContext } from "../policies/call-context.ts";
import { FakeClock } from "../policies/fake-clock.ts";

function setUp(timeoutMs = 1_000) {
  const clock = new FakeClock();
  const logger = {};
  const lifetime = new Lifetime();
  const infos: ResponseInfo[] = [];
  const startedAt = clock.now();
  const context = newContext({ deadlineAt: startedAt + timeoutMs });
  const call = new RunningCall(
    {
      operation: "predict",
      model: "m",
      context,
      startedAt,
      timeoutMs,
      onResponse: (info) => void infos.push(info),
      mayFail: false,
    },
    lifetime,
    { clock, logger, emitter: new Emitter({ logger }), endpoint: "grpc://h:8500" },
  );
  lifetime.enter(call, false);
  return { clock, lifetime, infos, context, call };
}

const never = () => new Promise<never>(() => {});

describe("RunningCall", () => {
  it("has left its client and has been told of when its promise settles", async () => {
    const { clock, lifetime, infos, call } = setUp();
    const answer = { outputs: {}, modelSpec: { name: "m" } };
    const settled = bounded(clock, call, async () => {
      await clock.advance(7);
      return answer;
    }).then((response) => ({ response, active: lifetime.active, told: infos.length }));
    expect(lifetime.active).toBe(1);
    expect(await settled).toEqual({ response: answer, active: 0, told: 1 });
    expect(infos).toMatchObject([{ operation: "predict", model: "m", durationMs: 7 }]);
    expect(clock.pending).toBe(0);
  });

  it("says in the error of its deadline what it waited for and what its tries had failed with", async () => {
    const { clock, context, call } = setUp(50);
    const settled = bounded(clock, call, never);
    context.ledger.phase = "waiting for the reply";
    context.ledger.started = 1;
    context.ledger.faults = [{ endpoint: undefined, code: "UNAVAILABLE", message: "gone" }];
    await Promise.all([
      expect(settled).rejects.toMatchObject({
        code: "DEADLINE_EXCEEDED",
        model: "m",
        rawMessage: expect.stringMatching(
          /timeoutMs 50 .waiting for the reply.; 1 attempt: grpc:\/\/h:8500 \[UNAVAILABLE\] gone/,
        ),
      }),
      clock.advance(50),
    ]);
  });

  it("ends with another one, whose end is nothing to it once it is over", async () => {
    const parent = new Cancellation();
    const first = setUp();
    first.call.endWith(parent);
    const over = setUp();
    over.call.endWith(parent);
    await bounded(over.clock, over.call, async () => ({ outputs: {}, modelSpec: { name: "m" } }));
    const { reason } = over.context.cancellation;
    const settled = bounded(first.clock, first.call, never);
    parent.cancel("enough");
    await expect(settled).rejects.toBe("enough");
    expect(first.lifetime.active).toBe(0);
    expect(over.context.cancellation.reason).toBe(reason);
  });
});
