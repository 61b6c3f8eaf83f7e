import { describe, expect, it } from "vitest";
import type { PredictManyOptions, PredictManyProgress, PredictManyResult } from "../../../src/client/model-handle.ts";
import type { PredictRequest } from "../../../src/contract/predict.ts";
import { invalidArgument } from "../../../src/errors/invalid-argument.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { plusOne, valuesOf } from "../batching/set-up.ts";
import { turn } from "../policies/fake-clock.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const item = (value: number) => ({ x: [[value]] });

function* numbers(count: number) {
  for (let value = 0; value < count; value++) yield item(value);
}

/** A handle over a model that answers y = x + 1; refuses multiples of 10 from 10 on. */
function serve(answer = (request: PredictRequest): unknown => plusOne(request)) {
  const { client, transport, clock } = setUp({
    predict: (request) => {
      const bad = [...(request.inputs["x"] as Tensor<"float32">).data].some((value) => value > 0 && value % 10 === 0);
      if (bad) throw invalidArgument("a multiple of ten");
      return answer(request) as ReturnType<typeof plusOne>;
    },
  });
  return { client, clock, transport, model: client.model("m", { signature: "none" }) };
}

async function collect(results: AsyncIterable<PredictManyResult>): Promise<PredictManyResult[]> {
  const all: PredictManyResult[] = [];
  for await (const result of results) all.push(result);
  return all;
}

function shown({ index, response, error }: PredictManyResult): unknown {
  return [index, response === undefined ? (error as { kind: string }).kind : valuesOf(response)[0]];
}

/** Answers when the test says so, the earliest asked first. */
function gate() {
  const waiting: (() => void)[] = [];
  const answer = (request: PredictRequest) => new Promise((resolve) => waiting.push(() => resolve(plusOne(request))));
  return { waiting, answer };
}

describe("predictMany", () => {
  it("predicts each item and gives the results in order, each a value or an error", async () => {
    const { model } = serve();
    const results = await collect(model.predictMany(numbers(12)));
    expect(results.map(shown)).toEqual([
      ...Array.from({ length: 10 }, (_, n) => [n, n + 1]),
      [10, "invalid"],
      [11, 12],
    ]);
  });

  it("takes an async source, and an array", async () => {
    const { model } = serve();
    async function* later() {
      yield item(1);
      await turn();
      yield item(2);
    }
    expect((await collect(model.predictMany(later()))).map(shown)).toEqual([
      [0, 2],
      [1, 3],
    ]);
    expect((await collect(model.predictMany([item(3)]))).map(shown)).toEqual([[0, 4]]);
    expect(await collect(model.predictMany([]))).toEqual([]);
  });

  it("gives results as they are answered where the order does not count", async () => {
    const { waiting, answer } = gate();
    const { model } = serve(answer);
    const results = model.predictMany(numbers(2), { ordered: false });
    const first = results.next();
    await turn();
    waiting[1]?.();
    expect(shown((await first).value)).toEqual([1, 2]);
    waiting[0]?.();
    expect(shown((await results.next()).value)).toEqual([0, 1]);
    expect((await results.next()).done).toBe(true);
  });

  it("keeps the order of the items when a later one is answered first", async () => {
    const { waiting, answer } = gate();
    const { model } = serve(answer);
    const all = collect(model.predictMany(numbers(3)));
    await turn();
    for (const open of waiting.reverse()) open();
    expect((await all).map(({ index }) => index)).toEqual([0, 1, 2]);
  });

  it("reads no further ahead than concurrency says, and on as results are taken", async () => {
    const { model } = serve();
    let read = 0;
    function* counted() {
      for (const each of numbers(100)) {
        read++;
        yield each;
      }
    }
    const results = model.predictMany(counted(), { concurrency: 3 });
    await turn();
    expect(read).toBe(0);
    await results.next();
    await turn();
    expect(read).toBeLessThanOrEqual(4);
    await results.next();
    await turn();
    expect(read).toBeLessThanOrEqual(5);
    await results.return?.();
  });

  it("gives results while its source is still waiting for the next item", async () => {
    const { model } = serve();
    async function* stuck() {
      yield item(1);
      await never();
    }
    const results = model.predictMany(stuck());
    expect(shown((await results.next()).value)).toEqual([0, 2]);
    await results.return?.();
  });

  it("lets items share requests, twice a batch at a time", async () => {
    const { model, transport } = serve();
    const results = await collect(model.predictMany(numbers(9), { batching: { maxBatchSize: 4 } }));
    expect(results.map(shown)).toEqual(Array.from({ length: 9 }, (_, n) => [n, n + 1]));
    expect(transport.count("predict")).toBeLessThanOrEqual(4);
  });

  it("waits with items that its own client's queue turns away", async () => {
    const { model } = serve();
    const options = { concurrency: 50, batching: { maxBatchSize: 2, maxEnqueuedBatches: 1 } };
    const results = await collect(model.predictMany(numbers(9), options));
    expect(results.map(shown)).toEqual(Array.from({ length: 9 }, (_, n) => [n, n + 1]));
  });

  it("tells how far it has come", async () => {
    const { model } = serve();
    const seen: PredictManyProgress[] = [];
    await collect(model.predictMany(numbers(12), { onProgress: (progress) => void seen.push(progress) }));
    expect(seen).toHaveLength(12);
    expect(seen.at(-1)).toEqual({ read: 12, done: 12, failed: 1 });
  });

  it("ends with the reason of the signal, and cancels what is under way", async () => {
    const { model, transport } = serve(never);
    const controller = new AbortController();
    const all = rejection(collect(model.predictMany(numbers(5), { signal: controller.signal })));
    await turn();
    controller.abort("enough");
    expect(await all).toBe("enough");
    expect(transport.sent.map(({ context }) => context.cancellation.cancelled)).toEqual(new Array(5).fill(true));
  });

  it("ends what is under way and its source when the loop is left", async () => {
    const { waiting, answer } = gate();
    const { model, transport } = serve(answer);
    let ended = false;
    function* source() {
      try {
        yield* numbers(100);
      } finally {
        ended = true;
      }
    }
    const results = model.predictMany(source(), { concurrency: 4 });
    const first = results.next();
    await turn();
    waiting[0]?.();
    await first;
    await results.return?.();
    expect(ended).toBe(true);
    await turn();
    expect(transport.sent.at(-1)?.context.cancellation.cancelled).toBe(true);
  });

  it("throws what its source throws, after the results before it", async () => {
    const { model } = serve();
    function* broken() {
      yield item(1);
      throw new Error("the file ends here");
    }
    const results = model.predictMany(broken());
    expect(shown((await results.next()).value)).toEqual([0, 2]);
    await expect(results.next()).rejects.toThrow("the file ends here");
  });

  it("ends when the client is closed: no item after that could do better", async () => {
    const { client, model } = serve(never);
    const all = rejection(collect(model.predictMany(numbers(1_000), { concurrency: 2 })));
    await turn();
    await client.close({ timeoutMs: 0 });
    expect(await all).toMatchObject({ kind: "closed" });
  });

  it("ends with what onProgress throws", async () => {
    const { model } = serve();
    const failing = new Error("full disk");
    const onProgress = () => {
      throw failing;
    };
    expect(await rejection(collect(model.predictMany(numbers(3), { onProgress })))).toBe(failing);
  });

  it.each<[options: unknown, problem: string]>([
    [{ concurrency: 0 }, 'option "concurrency" must be a whole number from 1, got 0'],
    [{ ordered: "yes" }, 'option "ordered" must be true or false, got "yes"'],
    [{ onProgress: 1 }, 'option "onProgress" must be a function, got 1'],
    [{ order: true }, 'unknown option "order"; did you mean "ordered"?'],
  ])("refuses %j", async (options, problem) => {
    const { model } = serve();
    const all = collect(model.predictMany(numbers(1), options as PredictManyOptions));
    expect(await rejection(all)).toMatchObject({ code: "INVALID_ARGUMENT", rawMessage: `predictMany: ${problem}` });
  });

  it("refuses items that cannot be iterated", async () => {
    const { model } = serve();
    expect(await rejection(collect(model.predictMany({ x: [1] } as never)))).toMatchObject({
      rawMessage:
        "predictMany: items must be iterable, such as an array of inputs or an async generator, got an object",
    });
  });
});
