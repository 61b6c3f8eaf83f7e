import { describe, expect, it } from "vitest";
import type { OperationName } from "../../../src/contract/operations.ts";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { type ConcurrencyOptions, concurrencyLimit } from "../../../src/policies/concurrency-limit.ts";
import { turnsUntilSettled } from "../../faults/lab/turns.ts";
import { newContext } from "./call-context.ts";
import { FakeClock, turn } from "./fake-clock.ts";

function setUp(options: ConcurrencyOptions) {
  const clock = new FakeClock();
  const inside: { context: CallContext; end: () => void }[] = [];
  const wire = ((_operation, _request, context) =>
    new Promise((resolve, reject) => {
      context.cancellation.onCancel(reject);
      inside.push({ context, end: () => resolve({} as never) });
    })) as Call;
  const call = concurrencyLimit(clock, options)(wire);
  const run = (context = newContext(), operation: OperationName = "predict") =>
    call(operation, { model: "m", inputs: {} } as never, context).then(
      () => "answered",
      (error: unknown) => error,
    );
  return { clock, inside, run };
}

describe("concurrencyLimit", () => {
  it("lets in as many as the limit, and the others in the order of their coming", async () => {
    const { inside, run } = setUp({ initialLimit: 2, maxQueue: 10 });
    const contexts = Array.from({ length: 4 }, () => newContext());
    const results = contexts.map((context) => run(context));
    await turn();
    expect(inside.map(({ context }) => contexts.indexOf(context))).toEqual([0, 1]);
    inside[1]?.end();
    await turn();
    expect(inside.map(({ context }) => contexts.indexOf(context))).toEqual([0, 1, 2]);
    inside[0]?.end();
    inside[2]?.end();
    await turn();
    inside[3]?.end();
    expect(await Promise.all(results)).toEqual(["answered", "answered", "answered", "answered"]);
  });

  it("rejects at once when the queue is full", async () => {
    const { inside, run } = setUp({ initialLimit: 1, maxQueue: 1 });
    void run();
    void run();
    const rejected = run();
    expect(await turnsUntilSettled(rejected)).toBe(0);
    const error = (await rejected) as ServingError;
    expect(error).toBeInstanceOf(ServingError);
    expect(error).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      kind: "overloaded",
      rawMessage: "the client's queue is full: 1 calls are under way, which is the limit at this moment, and 1 wait",
      retryable: true,
    });
    expect(inside).toHaveLength(1);
  });

  it("has a queue of half the limit by itself, and none where none is wanted", async () => {
    const half = setUp({ initialLimit: 4 });
    for (let call = 0; call < 6; call++) void half.run();
    expect(await half.run()).toMatchObject({ kind: "overloaded" });
    const none = setUp({ initialLimit: 1, maxQueue: 0 });
    void none.run();
    expect(await none.run()).toMatchObject({ kind: "overloaded" });
  });

  it("lets go of a place in the queue with the call", async () => {
    const { inside, run } = setUp({ initialLimit: 1, maxQueue: 1 });
    void run();
    const leaving = newContext();
    const left = run(leaving);
    await turn();
    leaving.cancellation.cancel("left");
    expect(await left).toBe("left");
    const next = run();
    inside[0]?.end();
    await turn();
    inside[1]?.end();
    expect(await next).toBe("answered");
    expect(inside).toHaveLength(2);
  });

  it("gives a place back when a call ends that nobody beneath listens to", async () => {
    const clock = new FakeClock();
    const entered: CallContext[] = [];
    const deaf = ((_operation, _request, context) => {
      entered.push(context);
      return new Promise(() => {});
    }) as Call;
    const call = concurrencyLimit(clock, { initialLimit: 1, maxQueue: 1 })(deaf);
    const first = newContext();
    void call("predict", { model: "m", inputs: {} }, first);
    void call("predict", { model: "m", inputs: {} }, newContext());
    first.cancellation.cancel("over");
    await turn();
    expect(entered).toHaveLength(2);
  });

  it("does not hold back looks at the server's state", async () => {
    const { inside, run } = setUp({ initialLimit: 1, maxQueue: 0 });
    void run();
    void run(newContext(), "getModelStatus");
    void run(newContext(), "getModelMetadata");
    await turn();
    expect(inside).toHaveLength(3);
  });

  it("says in a timeout's text that the call was waiting for its turn", async () => {
    const { run } = setUp({ initialLimit: 1, maxQueue: 1 });
    void run();
    const waiting = newContext();
    void run(waiting);
    expect(waiting.ledger.phase).toBe("waiting for its turn (concurrency)");
  });
});
