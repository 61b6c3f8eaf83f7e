import { describe, expect, it } from "vitest";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { BatchEvent } from "../../../src/contract/batch-event.ts";
import type { PredictRequest } from "../../../src/contract/predict.ts";
import type { Signature } from "../../../src/contract/signature.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { plusOne, valuesOf } from "../batching/set-up.ts";
import { turn } from "../policies/fake-clock.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const spec = (shape: readonly number[] | null) => ({ dtype: "float32", shape, tensorName: "" });
const BATCHABLE: Signature = { methodName: "", inputs: { x: spec([-1, 1]) }, outputs: { y: spec([-1, 1]) } };
const SCALAR_OUTPUT: Signature = { ...BATCHABLE, outputs: { y: spec([]) } };

/** A client of a model of this signature that answers y = x + 1 row by row. */
function serve(signature: Signature, options: ClientOptions = {}) {
  return setUp(
    {
      getModelMetadata: () => ({ modelSpec: { name: "m", version: 1 }, signatures: { serving_default: signature } }),
      predict: plusOne,
    },
    options,
  );
}

const request = (value: number): PredictRequest => ({
  model: "m",
  inputs: { x: new Tensor("float32", [1, 1], Float32Array.of(value)) },
});

const unavailable = () => new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" });

describe("the option batching", () => {
  it("is off by itself", async () => {
    const { client, transport } = serve(BATCHABLE);
    await Promise.all([client.predict(request(1)), client.predict(request(2))]);
    expect(transport.count("predict")).toBe(2);
  });

  it("set on a client, lets all its inference share requests", async () => {
    const { client, transport } = serve(BATCHABLE, { batching: true });
    const model = client.model("m");
    await model.signature();
    const answers = await Promise.all([1, 2, 3].map((value) => model.predict({ x: [[value]] })));
    expect(answers.map(valuesOf)).toEqual([[2], [3], [4]]);
    expect(transport.count("predict")).toBe(1);
    await Promise.all([client.predict(request(1)), client.predict(request(2))]);
    expect(transport.count("predict")).toBe(2);
  });

  it("set on a handle or on a call, counts before the client's", async () => {
    const { client, transport } = serve(BATCHABLE, { batching: { maxBatchSize: 2 } });
    await Promise.all([1, 2, 3, 4].map((value) => client.predict(request(value))));
    expect(transport.count("predict")).toBe(2);
    await Promise.all([1, 2].map((value) => client.predict(request(value), { batching: false })));
    expect(transport.count("predict")).toBe(4);
    const alone = client.model("m", { batching: false });
    await Promise.all([1, 2].map((value) => alone.predict({ x: [[value]] })));
    expect(transport.count("predict")).toBe(6);
    await Promise.all([1, 2, 3, 4].map((value) => client.predict(request(value), { batching: { maxBatchSize: 4 } })));
    expect(transport.count("predict")).toBe(7);
  });

  it("as true on a call, switches on the settings that are set further out", async () => {
    const { client, transport } = serve(BATCHABLE, { batching: { maxBatchSize: 2 } });
    const model = client.model("m", { signature: "none", batching: true });
    const tensors = [1, 2, 3, 4].map((value) => request(value).inputs);
    await Promise.all(tensors.map((inputs) => model.predict(inputs, { batching: true })));
    expect(transport.count("predict")).toBe(2);
  });

  it("is refused for a handle whose signature has no batch dimension, when that is loaded", async () => {
    const { client, transport } = serve(SCALAR_OUTPUT);
    const refused = {
      code: "INVALID_ARGUMENT",
      kind: "invalid",
      rawMessage:
        'option "batching": calls of signature "serving_default" of "m" cannot share requests: output "y" is a scalar, which has no rows',
    };
    const model = client.model("m", { batching: true });
    expect(await rejection(model.signature())).toMatchObject(refused);
    expect(await rejection(model.predict({ x: [[1]] }))).toMatchObject(refused);
    expect(await rejection(client.model("m").predict({ x: [[1]] }, { batching: true }))).toMatchObject(refused);
    expect(transport.count("predict")).toBe(0);
    await model.predict({ x: [[1]] }, { batching: false });
    expect(transport.count("predict")).toBe(1);
  });

  it("set on a client, leaves alone the models that have no batch dimension", async () => {
    const { client, transport } = serve(SCALAR_OUTPUT, { batching: true });
    const model = client.model("m");
    await model.signature();
    await Promise.all([model.predict({ x: [[1]] }), model.predict({ x: [[2]] })]);
    expect(transport.count("predict")).toBe(2);
  });

  it("does not let a call share that leaves an input to the server's default", async () => {
    const withDefault = { ...BATCHABLE, inputs: { ...BATCHABLE.inputs, k: spec([-1]) }, defaults: ["k"] };
    const { client, transport } = serve(withDefault, { batching: true });
    const model = client.model("m");
    await model.signature();
    await Promise.all([model.predict({ x: [[1]] }), model.predict({ x: [[2]] })]);
    expect(transport.count("predict")).toBe(2);
  });

  it("gives each call its own end: a deadline of one does not touch the others", async () => {
    const { client, clock, transport } = serve(BATCHABLE, { batching: true });
    let answer = (): void => {};
    transport.answers.predict = (asked) => new Promise((resolve) => (answer = () => resolve(plusOne(asked))));
    const early = rejection(client.predict(request(1), { timeoutMs: 50 }));
    const late = client.predict(request(2), { timeoutMs: 5_000 });
    await clock.advance(60);
    expect(await early).toMatchObject({ code: "DEADLINE_EXCEEDED", kind: "timeout", operation: "predict", model: "m" });
    answer();
    expect(valuesOf(await late)).toEqual([3]);
    expect(clock.pending).toBe(0);
  });

  it("rejects with the reason of the caller's own signal, and cancels when nobody is left", async () => {
    const { client, transport } = serve(BATCHABLE, { batching: true });
    transport.answers.predict = never;
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }, index) => rejection(client.predict(request(index), { signal })));
    await turn();
    const { cancellation } = transport.sent[0]!.context;
    controllers[0]?.abort("first");
    await turn();
    expect(cancellation.cancelled).toBe(false);
    controllers[1]?.abort("second");
    expect(await Promise.all(calls)).toEqual(["first", "second"]);
    expect(cancellation.cancelled).toBe(true);
  });

  it("tries a batch again as one where the server was gone for a moment", async () => {
    const { client, clock, transport } = serve(BATCHABLE, { batching: true });
    transport.answers.predict = (asked) =>
      transport.count("predict") === 1 ? Promise.reject(unavailable()) : plusOne(asked);
    const answers = Promise.all([1, 2, 3].map((value) => client.predict(request(value))));
    await clock.advance(60_000);
    expect((await answers).map(valuesOf)).toEqual([[2], [3], [4]]);
    expect(transport.sent.map(({ request: { inputs } }) => (inputs as PredictRequest["inputs"])["x"]?.shape)).toEqual([
      [3, 1],
      [3, 1],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("pays for a batch that is tried again as for one call", async () => {
    const events: string[] = [];
    const budget = { burst: 2, ratio: 0, perSecond: 0 };
    const { client, clock, transport } = serve(BATCHABLE, {
      batching: true,
      retry: { budget },
      onEvent: ({ type }) => void events.push(type),
    });
    transport.answers.predict = () => Promise.reject(unavailable());
    const calls = [1, 2, 3, 4, 5].map((value) => rejection(client.predict(request(value))));
    await clock.advance(60_000);
    const errors = (await Promise.all(calls)) as { kind: string }[];
    expect(errors.map(({ kind }) => kind)).toEqual(new Array(5).fill("unavailable"));
    expect(transport.count("predict")).toBe(3);
    expect(events.filter((type) => type === "retryRefused")).toEqual([]);
    await rejection(client.predict(request(6)));
    expect(transport.count("predict")).toBe(4);
  });

  it("leaves nothing waiting when the client is closed", async () => {
    const { client, clock, transport } = serve(BATCHABLE, { batching: { batchTimeoutMs: 60_000 } });
    const waiting = rejection(client.predict(request(1), { timeoutMs: Number.POSITIVE_INFINITY }));
    await turn();
    await client.close({ timeoutMs: 0 });
    expect(await waiting).toMatchObject({ kind: "closed" });
    expect(clock.pending).toBe(0);
    expect(transport.count("predict")).toBe(0);
  });

  it("tells listeners of each batch, and whose calls it holds", async () => {
    const events: BatchEvent[] = [];
    const ids: string[] = [];
    const { client } = serve(BATCHABLE, {
      batching: true,
      onEvent: (event) => {
        if (event.type === "batchSent") events.push(event);
        if (event.type === "callStarted") ids.push(event.callId);
      },
    });
    await Promise.all([client.predict(request(1)), client.predict(request(2))]);
    expect(events).toMatchObject([{ type: "batchSent", operation: "predict", model: "m", calls: 2, rows: 2 }]);
    expect(events[0]).toHaveProperty("callIds", ids);
  });
});
