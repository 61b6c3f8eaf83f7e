import { describe, expect, it } from "vitest";
import type { ClassifyResponse } from "../../../src/contract/classify.ts";
import type { Example } from "../../../src/contract/example.ts";
import type { PredictRequest } from "../../../src/contract/predict.ts";
import { invalidArgument } from "../../../src/errors/invalid-argument.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { newContext } from "../policies/call-context.ts";
import { turn } from "../policies/fake-clock.ts";
import { plusOne, rows, type Sent, sentValues, setUp, valuesOf } from "./set-up.ts";

/** Answers when the test says so. */
function gate() {
  const waiting: { readonly sent: Sent; open(): void; fail(error: unknown): void }[] = [];
  const answer = (sent: Sent) =>
    new Promise((resolve, reject) => {
      sent.context.cancellation.onCancel(reject);
      waiting.push({ sent, open: () => resolve(plusOne(sent.request)), fail: reject });
    });
  return { waiting, answer };
}

function unavailable(): ServingError {
  return new ServingError("nobody there", { code: "UNAVAILABLE", kind: "unavailable" });
}

describe("batching", () => {
  it("makes one request of calls that come together, and gives each its own rows", async () => {
    const { predict, sent } = setUp();
    const answers = await Promise.all([predict(rows(1)), predict(rows(2, 3)), predict(rows(4))]);
    expect(sentValues(sent)).toEqual([[1, 2, 3, 4]]);
    expect(answers.map(valuesOf)).toEqual([[2], [3, 4], [5]]);
  });

  it("passes a lone call on as it is: same request, same context", async () => {
    const { call, contextOf, sent } = setUp();
    const request = rows(1);
    const context = contextOf();
    await call("predict", request, context);
    expect(sent[0]?.request).toBe(request);
    expect(sent[0]?.context).toBe(context);
  });

  it("leaves calls alone that do not ask for it, and operations without rows", async () => {
    const { call, contextOf, sent } = setUp();
    await Promise.all([call("predict", rows(1), newContext()), call("predict", rows(2), newContext())]);
    await Promise.all([
      call("getModelStatus", { model: "m" }, contextOf()).catch(() => {}),
      call("getModelStatus", { model: "m" }, contextOf()).catch(() => {}),
    ]);
    expect(sent).toHaveLength(4);
  });

  it.each<[what: string, inputs: PredictRequest["inputs"]]>([
    ["a scalar", { x: new Tensor("float32", [], Float32Array.of(1)) }],
    ["no rows", { x: new Tensor("float32", [0, 1], new Float32Array(0)) }],
    ["no inputs", {}],
    [
      "inputs of different numbers of rows",
      { x: new Tensor("float32", [1], new Float32Array(1)), z: new Tensor("float32", [2], new Float32Array(2)) },
    ],
  ])("sends a request with %s by itself", async (_, inputs) => {
    const { predict, sent } = setUp({}, () => ({ outputs: {}, modelSpec: { name: "m" } }));
    await Promise.all([predict({ model: "m", inputs }), predict({ model: "m", inputs })]);
    expect(sent.map(({ request }) => request.inputs)).toEqual([inputs, inputs]);
  });

  it("splits a call of more rows than a batch takes, and joins its answers in order", async () => {
    const { predict, sent, events } = setUp({ maxBatchSize: 3 });
    const answer = await predict(rows(1, 2, 3, 4, 5, 6, 7));
    expect(valuesOf(answer)).toEqual([2, 3, 4, 5, 6, 7, 8]);
    expect(sentValues(sent)).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(events[0]).toEqual({ type: "callSplit", operation: "predict", model: "m", rows: 7, parts: 3 });
  });

  it("fails a split call as a whole, and sends none of its parts any more", async () => {
    const { predict, sent } = setUp({ maxBatchSize: 1, maxInFlight: 1 }, () => Promise.reject(unavailable()));
    await expect(predict(rows(1, 2, 3))).rejects.toMatchObject({ kind: "unavailable" });
    await turn();
    expect(sent).toHaveLength(1);
  });

  it("refuses an answer that does not have the rows that were sent, for every member", async () => {
    const { predict } = setUp({}, ({ request }) => {
      const { outputs, modelSpec } = plusOne(request);
      const y = outputs["y"] as Tensor<"float32">;
      return { outputs: { y: new Tensor("float32", [y.size + 1, 1], new Float32Array(y.size + 1)) }, modelSpec };
    });
    const results = await Promise.allSettled([predict(rows(1)), predict(rows(2))]);
    for (const result of results) {
      expect(result).toMatchObject({ status: "rejected", reason: { kind: "protocol", code: "INTERNAL" } });
    }
    const [one, other] = results as PromiseRejectedResult[];
    expect(one?.reason).not.toBe(other?.reason);
    expect(one?.reason.rawMessage).toBe(
      'the server answered output "y" as float32 [3, 1] to a request of 2 rows: the model does not answer row by row, so its calls cannot share requests; set batching: false for them',
    );
    await expect(predict(rows(1))).rejects.toMatchObject({ kind: "protocol" });
  });

  it("gives everybody an error of their own when the whole batch fails", async () => {
    const { predict, sent } = setUp({}, () => Promise.reject(unavailable()));
    const results = await Promise.allSettled([predict(rows(1)), predict(rows(2)), predict(rows(3))]);
    const reasons = results.map((result) => (result as PromiseRejectedResult).reason as ServingError);
    expect(reasons.map(({ kind }) => kind)).toEqual(["unavailable", "unavailable", "unavailable"]);
    expect(new Set(reasons).size).toBe(3);
    expect(reasons[2]?.stack).toBe(reasons[0]?.stack);
    expect(sent).toHaveLength(1);
  });

  it("finds the one whose rows the server refuses, and answers the others", async () => {
    const { predict, sent, events } = setUp({}, ({ request }) => {
      const bad = [...(request.inputs["x"] as Tensor<"float32">).data].includes(5);
      return bad ? Promise.reject(invalidArgument("five is right out")) : plusOne(request);
    });
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7, 8].map((value) => predict(rows(value))));
    expect(results.map(({ status }) => status === "fulfilled")).toEqual([
      true,
      true,
      true,
      true,
      false,
      true,
      true,
      true,
    ]);
    expect(sent.length - 1).toBeLessThanOrEqual(2 * 3 + 1);
    expect(events.filter(({ type }) => type === "batchHalved")).toHaveLength(3);
    expect(events.find(({ type }) => type === "batchHalved")).toEqual({
      type: "batchHalved",
      operation: "predict",
      model: "m",
      calls: 8,
      rows: 8,
      fault: { code: "INVALID_ARGUMENT", kind: "invalid" },
    });
  });

  it("halves a batch that is too large for the server", async () => {
    const { predict, sent } = setUp({}, ({ request }) =>
      request.inputs["x"]!.size > 2
        ? Promise.reject(new ServingError("too much", { code: "RESOURCE_EXHAUSTED", kind: "too_large" }))
        : plusOne(request),
    );
    const answers = await Promise.all([1, 2, 3, 4].map((value) => predict(rows(value))));
    expect(answers.flatMap(valuesOf)).toEqual([2, 3, 4, 5]);
    expect(sentValues(sent)).toEqual([
      [1, 2, 3, 4],
      [1, 2],
      [3, 4],
    ]);
  });

  it("takes out a caller that leaves before its batch", async () => {
    const { waiting, answer } = gate();
    const { predict, sent } = setUp({}, answer);
    const cancellation = new Cancellation();
    const first = predict(rows(1));
    await turn();
    const leaving = predict(rows(2), { cancellation });
    const staying = predict(rows(3));
    await turn();
    cancellation.cancel("gone");
    await expect(leaving).rejects.toBe("gone");
    waiting[0]?.open();
    await first;
    await turn();
    waiting[1]?.open();
    await staying;
    expect(sentValues(sent)).toEqual([[1], [3]]);
  });

  it("drops the rows of a caller that leaves on the way, and lets the request go on for the others", async () => {
    const { waiting, answer } = gate();
    const { predict } = setUp({}, answer);
    const cancellation = new Cancellation();
    const leaving = predict(rows(1), { cancellation });
    const staying = predict(rows(2));
    await turn();
    cancellation.cancel("gone");
    await expect(leaving).rejects.toBe("gone");
    expect(waiting[0]?.sent.context.cancellation.cancelled).toBe(false);
    waiting[0]?.open();
    expect(valuesOf(await staying)).toEqual([3]);
  });

  it("cancels the request when all have left", async () => {
    const { waiting, answer } = gate();
    const { predict } = setUp({}, answer);
    const cancellations = [new Cancellation(), new Cancellation()];
    const calls = cancellations.map((cancellation, index) => predict(rows(index), { cancellation }));
    await turn();
    const shared = waiting[0]!.sent.context.cancellation;
    cancellations[1]?.cancel("b");
    expect(shared.cancelled).toBe(false);
    cancellations[0]?.cancel("a");
    expect(shared.cancelled).toBe(true);
    expect(await Promise.allSettled(calls)).toEqual([
      { status: "rejected", reason: "a" },
      { status: "rejected", reason: "b" },
    ]);
  });

  it("gives the request the latest deadline of its members", async () => {
    const { predict, sent } = setUp();
    await Promise.all([5_000, 9_000, 7_000].map((deadlineAt) => predict(rows(1), { deadlineAt })));
    expect(sent[0]?.context.deadlineAt).toBe(9_000);
  });

  it("tells each member what became of its request", async () => {
    const { predict, contextOf } = setUp({}, ({ request, context }) => {
      context.ledger.phase = "waiting for the reply";
      context.ledger.attempts.push({ attempt: 1, endpoint: "fake://there", code: "OK", durationMs: 3 });
      context.ledger.responseHeaders = { via: "lane" };
      context.ledger.requestBytes = 99;
      return plusOne(request);
    });
    const contexts = [contextOf(), contextOf()];
    await Promise.all(contexts.map((context) => predict(rows(1), context)));
    for (const { ledger } of contexts) {
      expect(ledger.attempts).toEqual([{ attempt: 1, endpoint: "fake://there", code: "OK", durationMs: 3 }]);
      expect(ledger).toMatchObject({
        responseHeaders: { via: "lane" },
        requestBytes: 99,
        phase: "waiting for the reply",
      });
    }
  });

  it("writes down for one who leaves on the way where its rows were", async () => {
    const { answer } = gate();
    const { clock, predict, contextOf } = setUp({}, answer);
    const [leaving, staying] = [contextOf(), contextOf()];
    const left = predict(rows(1), leaving);
    void predict(rows(2), staying);
    await turn();
    await clock.advance(25);
    leaving.cancellation.cancel(new ServingError("late", { code: "DEADLINE_EXCEEDED", kind: "timeout" }));
    await expect(left).rejects.toMatchObject({ kind: "timeout" });
    expect(leaving.ledger.attempts).toEqual([
      { attempt: 1, endpoint: "fake://here", code: "DEADLINE_EXCEEDED", durationMs: 25 },
    ]);
    expect(staying.ledger.attempts).toEqual([]);
  });

  it("rejects at once with overloaded when the queue is full", async () => {
    const { waiting, answer } = gate();
    const { predict, events } = setUp({ maxBatchSize: 2, maxEnqueuedBatches: 1, maxInFlight: 1 }, answer);
    const underWay = predict(rows(1));
    await turn();
    const queued = [predict(rows(2)), predict(rows(3))];
    await expect(predict(rows(4))).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      kind: "overloaded",
      rawMessage:
        "the queue of batches is full: 2 rows wait, 1 more do not fit (maxEnqueuedBatches, maxBatchSize, maxBatchBytes)",
    });
    expect(events.at(-1)).toEqual({
      type: "batchQueueFull",
      operation: "predict",
      model: "m",
      rows: 1,
      rowsWaiting: 2,
    });
    waiting[0]?.open();
    await underWay;
    await turn();
    waiting[1]?.open();
    await Promise.all(queued);
  });

  it("does not begin for a caller that has left already", async () => {
    const { predict, sent } = setUp();
    const cancellation = new Cancellation();
    cancellation.cancel("gone");
    await expect(predict(rows(1), { cancellation })).rejects.toBe("gone");
    await turn();
    expect(sent).toEqual([]);
  });

  it("fills up to an allowed size with the last call's first row, and takes that out of the answer", async () => {
    const { predict, sent, events } = setUp({ maxBatchSize: 8, allowedBatchSizes: [1, 4, 8] });
    const answers = await Promise.all([predict(rows(1)), predict(rows(2, 3))]);
    expect(sentValues(sent)).toEqual([[1, 2, 3, 2]]);
    expect(answers.map(valuesOf)).toEqual([[2], [3, 4]]);
    expect(events[0]).toMatchObject({ type: "batchSent", rows: 3, paddingRows: 1, bytes: 12, paddingBytes: 4 });
  });

  it("fills up a lone call too: other sizes are not allowed", async () => {
    const { predict, sent } = setUp({ maxBatchSize: 4, allowedBatchSizes: [2, 4] });
    expect(valuesOf(await predict(rows(7)))).toEqual([8]);
    expect(sentValues(sent)).toEqual([[7, 7]]);
  });

  it("closes a batch before the call whose length would make the others' too large", async () => {
    const spec = { dtype: "float32", shape: [-1, -1], tensorName: "" };
    const signature = { methodName: "", inputs: { x: spec }, outputs: { y: spec } };
    const { predict, sent, events } = setUp({ padVariableLengthInputs: true, maxBatchBytes: 64 });
    const asked = [1, 2, 8, 8].map((length) => ({
      model: "m",
      inputs: { x: new Tensor("float32", [1, length], new Float32Array(length)) },
    }));
    await Promise.all(asked.map((request) => predict(request, { signature })));
    expect(sent.map(({ request }) => request.inputs["x"]?.shape)).toEqual([
      [2, 2],
      [2, 8],
    ]);
    expect(events).toMatchObject([
      { type: "batchSent", rows: 2, bytes: 12, paddingBytes: 4 },
      { type: "batchSent", rows: 2, bytes: 64, paddingBytes: 0 },
    ]);
  });

  it("shares requests of classify and of regress: an example is a row", async () => {
    const { call, contextOf, sent } = setUp({}, ({ operation, request }) => {
      const { examples } = request as unknown as { examples: readonly Example[] };
      const numbers = examples.map(({ features }) => {
        const feature = features.get("n")!;
        return feature.kind === "float" ? feature.values[0]! : 0;
      });
      const results = operation === "classify" ? numbers.map((n) => [{ label: `#${n}`, score: n }]) : numbers;
      return { results, modelSpec: { name: "m" } };
    });
    const examples = (...numbers: number[]) =>
      numbers.map((n) => ({ features: new Map([["n", { kind: "float" as const, values: Float32Array.of(n) }]]) }));
    const asked = [examples(1), examples(2, 3)].map((each) => ({ model: "m", examples: each }));
    const classified = await Promise.all(asked.map((request) => call("classify", request, contextOf())));
    const regressed = await Promise.all(asked.map((request) => call("regress", request, contextOf())));
    expect(sent.map(({ operation }) => operation)).toEqual(["classify", "regress"]);
    expect(classified.map(({ results }: ClassifyResponse) => results.map(([first]) => first?.label))).toEqual([
      ["#1"],
      ["#2", "#3"],
    ]);
    expect(regressed.map(({ results }) => results)).toEqual([[1], [2, 3]]);
  });

  it("writes what examples share into each of them, since another call shares something else", async () => {
    const { call, contextOf, sent } = setUp({}, ({ request }) => ({
      results: (request as unknown as { examples: unknown[] }).examples.map(() => 1),
      modelSpec: { name: "m" },
    }));
    const of = (name: string): Example => ({ features: new Map([[name, { kind: "none" }]]) });
    await Promise.all([
      call("regress", { model: "m", examples: [of("a")], context: of("c1") }, contextOf()),
      call("regress", { model: "m", examples: [of("b")], context: of("c2") }, contextOf()),
    ]);
    const { examples, context } = sent[0]!.request as unknown as { examples: Example[]; context?: Example };
    expect(examples.map(({ features }) => [...features.keys()])).toEqual([
      ["c1", "a"],
      ["c2", "b"],
    ]);
    expect(context).toBeUndefined();
  });

  it("tells of a batch: its size, its bytes, how long it gathered, and whose it is", async () => {
    const { clock, predict, events } = setUp({ batchTimeoutMs: 10, maxInFlight: Number.POSITIVE_INFINITY });
    const calls = [predict(rows(1), { headers: { traceparent: "00-aa-bb-01" } })];
    await clock.advance(4);
    calls.push(predict(rows(2, 3)));
    await clock.advance(6);
    await Promise.all(calls);
    expect(events).toEqual([
      {
        type: "batchSent",
        operation: "predict",
        model: "m",
        calls: 2,
        rows: 3,
        paddingRows: 0,
        bytes: 12,
        paddingBytes: 0,
        longestWaitMs: 10,
        totalWaitMs: 16,
        rowsLeft: 0,
        callIds: [],
        traceParents: ["00-aa-bb-01"],
      },
    ]);
  });
});
