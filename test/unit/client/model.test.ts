import { describe, expect, it } from "vitest";
import type { PredictResponse } from "../../../src/contract/predict.ts";
import type { Signature } from "../../../src/contract/signature.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { turn } from "../policies/fake-clock.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const SIGNATURE: Signature = {
  methodName: "tensorflow/serving/predict",
  inputs: {
    x: { dtype: "float32", shape: [-1, 3], tensorName: "x:0" },
    id: { dtype: "int64", shape: [-1], tensorName: "id:0" },
  },
  outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
  defaults: ["id"],
};

const signatures = { serving_default: SIGNATURE };
const metadata = (version = 1) => ({ modelSpec: { name: "m", version }, signatures });
const predicted = (version = 1): PredictResponse => ({ outputs: {}, modelSpec: { name: "m", version } });
const refused = (code: "INVALID_ARGUMENT" | "FAILED_PRECONDITION") =>
  new ServingError("input size does not match signature", { code, kind: "invalid" });

const good = { x: [[1, 2, 3]] };

describe("a model handle", () => {
  it("asks for its name, version and signature", async () => {
    const { client, transport } = setUp({
      predict: () => predicted(),
      classify: () => ({ results: [], modelSpec: { name: "m" } }),
    });
    const model = client.model("m", { version: 2, signatureName: "s", signature: "none" });
    await model.predict({ x: [1] }, { outputFilter: ["y"] });
    await model.classify([{ a: 1 }], { context: { b: 2 } });
    expect(transport.sent[0]?.request).toMatchObject({
      model: "m",
      version: 2,
      signatureName: "s",
      outputFilter: ["y"],
    });
    expect(transport.sent[1]?.request).toMatchObject({ model: "m", version: 2, signatureName: "s", context: {} });
  });

  it("lays its defaults between the call's options and the client's", async () => {
    const { client, transport } = setUp(
      { predict: () => predicted() },
      { headers: { a: "client", b: "client", c: "client" } },
    );
    const model = client.model("m", { signature: "none", headers: { b: "model", c: "model" }, format: "row" });
    await model.predict({}, { headers: { c: "call" } });
    expect({ ...transport.sent[0]?.context.headers }).toEqual({ a: "client", b: "model", c: "call" });
    expect(transport.sent[0]?.context.format).toBe("row");
  });

  it("asks for the status and the metadata of its version", async () => {
    const { client, transport } = setUp({
      getModelStatus: () => ({ versions: [] }),
      getModelMetadata: () => metadata(),
    });
    const model = client.model("m", { version: 3 });
    await model.status();
    await model.metadata();
    expect(transport.sent.map(({ operation, request }) => [operation, request])).toEqual([
      ["getModelStatus", { model: "m", version: 3 }],
      ["getModelMetadata", { model: "m", version: 3 }],
    ]);
  });
});

describe("the signature of a handle", () => {
  it("is loaded once, on first need, for concurrent callers too", async () => {
    const { client, transport } = setUp({ getModelMetadata: () => metadata(), predict: () => predicted() });
    const model = client.model("m");
    expect(transport.sent).toEqual([]);
    await Promise.all([model.predict(good), model.predict(good), model.signature()]);
    await model.predict(good);
    expect(transport.count("getModelMetadata")).toBe(1);
    await expect(model.signature()).resolves.toBe(SIGNATURE);
  });

  it("gives plain values their dtype and goes to the wire with the request", async () => {
    const { client, transport } = setUp({ getModelMetadata: () => metadata(), predict: () => predicted() });
    await client.model("m").predict({ x: [[1, 2, 3]], id: [7] });
    const { request, context } = transport.sent[1]!;
    const inputs = request["inputs"] as Record<string, Tensor>;
    expect(inputs["x"]).toMatchObject({ dtype: "float32", shape: [1, 3] });
    expect(inputs["id"]).toMatchObject({ dtype: "int64", shape: [1] });
    expect(context.signature).toBe(SIGNATURE);
  });

  it("is loaded again after it could not be loaded", async () => {
    const { client, transport } = setUp({ predict: () => predicted() });
    transport.answers.getModelMetadata = () =>
      Promise.reject(new ServingError("gone", { code: "UNAVAILABLE", kind: "unavailable" }));
    const model = client.model("m", { maxRetries: 0 });
    expect(await rejection(model.predict(good))).toMatchObject({
      code: "UNAVAILABLE",
      operation: "getModelMetadata",
      model: "m",
    });
    transport.answers.getModelMetadata = () => metadata();
    await expect(model.predict(good)).resolves.toBeDefined();
  });

  it("is waited for within the call's own deadline", async () => {
    const { client, clock } = setUp({ getModelMetadata: never });
    const failing = rejection(client.model("m").predict(good, { timeoutMs: 30 }));
    await clock.advance(30);
    expect(await failing).toMatchObject({
      operation: "predict",
      rawMessage: "no answer within timeoutMs 30 (loading the signature)",
      attempts: [],
    });
    expect(clock.pending).toBe(0);
  });

  it("goes on loading when one of its waiters aborts, and stops when all did", async () => {
    const { client, transport } = setUp({ getModelMetadata: never });
    const model = client.model("m");
    const [one, two] = [new AbortController(), new AbortController()];
    const failing = [model.predict(good, { signal: one.signal }), model.signature({ signal: two.signal })].map(
      rejection,
    );
    await turn();
    const { cancellation } = transport.sent[0]!.context;
    one.abort("one");
    expect(await failing[0]).toBe("one");
    expect(cancellation.cancelled).toBe(false);
    two.abort("two");
    expect(await failing[1]).toBe("two");
    await turn();
    expect(cancellation.cancelled).toBe(true);
    expect(transport.count("getModelMetadata")).toBe(1);
  });

  it("is loaded again when another version has answered", async () => {
    let served = 1;
    const { client, transport } = setUp({ getModelMetadata: () => metadata(served), predict: () => predicted(served) });
    const model = client.model("m");
    await model.predict(good);
    served = 2;
    await model.predict(good);
    expect(transport.count("getModelMetadata")).toBe(1);
    await model.predict(good);
    await model.predict(good);
    expect(transport.count("getModelMetadata")).toBe(2);
  });

  it("is looked at again before an old one refuses a call", async () => {
    const { client, transport, clock } = setUp({ getModelMetadata: () => metadata(), predict: () => predicted() });
    const model = client.model("m");
    await model.predict(good);
    const renamed = { ...SIGNATURE, inputs: { z: SIGNATURE.inputs["x"]! } };
    transport.answers.getModelMetadata = () => ({
      modelSpec: { name: "m", version: 2 },
      signatures: { serving_default: renamed },
    });
    expect(await rejection(model.predict({ z: [[1, 2, 3]] }))).toMatchObject({ code: "INVALID_ARGUMENT" });
    expect(transport.count("getModelMetadata")).toBe(1);
    await clock.advance(30_000);
    await expect(model.predict({ z: [[1, 2, 3]] })).resolves.toBeDefined();
    expect(transport.count("getModelMetadata")).toBe(2);
  });

  it("is loaded again after the server refused what fits it, once it is no longer fresh", async () => {
    const { client, transport, clock } = setUp({ getModelMetadata: () => metadata() });
    transport.answers.predict = () => Promise.reject(refused("INVALID_ARGUMENT"));
    const model = client.model("m");
    await rejection(model.predict(good));
    await rejection(model.predict(good));
    expect(transport.count("getModelMetadata")).toBe(1);
    await clock.advance(30_000);
    await rejection(model.predict(good));
    await rejection(model.predict(good));
    expect(transport.count("getModelMetadata")).toBe(2);
  });

  it("of one version never changes", async () => {
    const { client, transport, clock } = setUp({ getModelMetadata: () => metadata() });
    transport.answers.predict = () => Promise.reject(refused("FAILED_PRECONDITION"));
    const model = client.model("m", { version: 1 });
    await rejection(model.predict(good));
    await clock.advance(60_000);
    await rejection(model.predict({ wrong: 1 }));
    await rejection(model.predict(good));
    expect(transport.count("getModelMetadata")).toBe(1);
  });

  it("is asked for where it is switched off only when it is asked for by name", async () => {
    const { client, transport } = setUp({ getModelMetadata: () => metadata(), predict: () => predicted() });
    const model = client.model("m", { signature: "none" });
    await model.predict({ anything: [1] });
    expect(transport.count("getModelMetadata")).toBe(0);
    await expect(model.signature()).resolves.toBe(SIGNATURE);
  });

  it("lets an input with a default be left out on gRPC and not on REST", async () => {
    const answers = { getModelMetadata: () => metadata(), predict: () => predicted() };
    const rest = setUp(answers, {}, "rest");
    await expect(setUp(answers).client.model("m").predict(good)).resolves.toBeDefined();
    expect(await rejection(rest.client.model("m").predict(good))).toMatchObject({
      code: "INVALID_ARGUMENT",
      rawMessage: 'input "id" is missing: the server has a default for it, but only gRPC can leave an input out',
    });
    expect(rest.transport.count("predict")).toBe(0);
  });

  it("takes names such as __proto__ and constructor for names", async () => {
    const odd: Signature = {
      ...SIGNATURE,
      inputs: Object.assign(Object.create(null), { ["__proto__"]: SIGNATURE.inputs["id"] }),
    };
    const { client, transport } = setUp({
      getModelMetadata: () => ({ modelSpec: { name: "m" }, signatures: { serving_default: odd } }),
      predict: () => predicted(),
    });
    await client.model("m").predict(JSON.parse('{"__proto__": [1]}'));
    expect(Object.keys(transport.sent[1]?.request["inputs"] as object)).toEqual(["__proto__"]);
    expect(await rejection(client.model("m").predict({ constructor: [1] }))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
    expect(await rejection(client.model("m", { signatureName: "toString" }).predict({}))).toMatchObject({
      code: "INVALID_ARGUMENT",
    });
  });
});
