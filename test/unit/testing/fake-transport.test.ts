import { describe, expect, it } from "vitest";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { createFakeTransport } from "../../../src/testing/fake-transport.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { newContext } from "../policies/call-context.ts";

const models = { half_plus_two: { ...halfPlusTwo, labels: { stable: 1 } }, echo };
const x = new Tensor("float32", [2], Float32Array.of(1, 2));
const example = { features: new Map([["x", { kind: "float" as const, values: Float32Array.of(2) }]]) };
const signatureName = "regress_x_to_y";

describe("createFakeTransport", () => {
  it("predicts, and tells what served", async () => {
    const request = { model: "half_plus_two", versionLabel: "stable", inputs: { x } };
    const reply = await createFakeTransport({ models }).call("predict", request, newContext());
    expect(reply.outputs["y"]?.data).toEqual(Float32Array.of(2.5, 3));
    expect(Object.getPrototypeOf(reply.outputs)).toBeNull();
    expect(reply.modelSpec).toEqual({ name: "half_plus_two", version: 1, signatureName: "serving_default" });
  });

  it("gives fresh memory back, though the model gives back what it got", async () => {
    const reply = await createFakeTransport({ models }).call("predict", { model: "echo", inputs: { x } }, newContext());
    expect(reply.outputs["x"]?.data).toEqual(x.data);
    expect(reply.outputs["x"]?.data).not.toBe(x.data);
  });

  it("classifies, regresses and does both at once", async () => {
    const { call } = createFakeTransport({ models });
    const request = { model: "half_plus_two", examples: [example] };
    expect((await call("regress", { ...request, signatureName }, newContext())).results).toEqual([3]);
    const classified = await call("classify", { ...request, signatureName: "classify_x_to_y" }, newContext());
    expect(classified.results).toEqual([[{ label: "", score: 3 }]]);
    const tasks = [{ signatureName, method: "regress" as const }];
    expect(await call("multiInference", { ...request, tasks }, newContext())).toEqual({
      results: [{ method: "regress", signatureName, results: [3] }],
      modelSpec: { name: "half_plus_two", version: 1 },
    });
  });

  it("adds the features of the context to each example", async () => {
    const request = { model: "half_plus_two", signatureName, examples: [{ features: new Map() }], context: example };
    expect((await createFakeTransport({ models }).call("regress", request, newContext())).results).toEqual([3]);
  });

  it("tells states and signatures", async () => {
    const { call, server } = createFakeTransport({ models });
    server.setVersionState("echo", 2, "END", { code: "INTERNAL", message: "no graph" });
    expect(await call("getModelStatus", { model: "echo" }, newContext())).toEqual({
      versions: [
        { version: 2, state: "END", error: { code: "INTERNAL", message: "no graph" } },
        { version: 1, state: "AVAILABLE" },
      ],
    });
    const { signatures } = await call("getModelMetadata", { model: "half_plus_two" }, newContext());
    expect(signatures["serving_default"]).toEqual({
      methodName: "tensorflow/serving/predict",
      inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
      outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
    });
  });

  it("reloads, a platform left out being tensorflow", async () => {
    const { call } = createFakeTransport({ models, storage: { "/spare": halfPlusTwo.versions } });
    const config = { models: [{ name: "spare", basePath: "/spare" }] };
    expect(await call("reloadConfig", { config }, newContext())).toEqual({});
    expect((await call("getModelStatus", { model: "spare" }, newContext())).versions).toEqual([
      { version: 1, state: "AVAILABLE" },
    ]);
  });

  it("fails with the server's code and text, and writes the attempt down", async () => {
    const inside = newContext();
    const error = await createFakeTransport({ models })
      .call("predict", { model: "none", inputs: {} }, inside)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ServingError);
    expect(error).toMatchObject({
      code: "NOT_FOUND",
      kind: "not_found",
      rawMessage: "Servable not found for request: Latest(none)",
      operation: "predict",
      model: "none",
      endpoint: "fake://models",
      attempts: [{ attempt: 1, endpoint: "fake://models", code: "NOT_FOUND" }],
    });
    expect(inside.ledger.attempts).toHaveLength(1);
  });

  it.each([
    [
      { code: "UNAVAILABLE", message: "The batch scheduling queue to which this task was submitted is full" },
      "overloaded",
      true,
    ],
    [{ code: "UNAVAILABLE", message: "gone" }, "unavailable", true],
    [{ code: "ABORTED", message: "" }, "internal", true],
    [{ code: "RESOURCE_EXHAUSTED", message: "" }, "overloaded", true],
    [{ reset: true }, "unavailable", true],
    [{ code: "INVALID_ARGUMENT", message: "Unrecognized servable version label: x" }, "not_found", false],
  ] as const)("tells the fault %j as kind %s", async (fault, kind, retryable) => {
    const { call, server } = createFakeTransport({ models });
    server.inject(fault);
    await expect(call("getModelStatus", { model: "echo" }, newContext())).rejects.toMatchObject({ kind, retryable });
  });

  it.each([
    ["before it begins", "at once"],
    ["while a model runs", "later"],
  ])("rejects with the reason of a cancellation %s", async (_, when) => {
    const cancellation = new Cancellation();
    const reason = new Error("enough");
    if (when === "at once") cancellation.cancel(reason);
    const slow = { ...halfPlusTwo, latencyMs: 60_000 };
    const { call } = createFakeTransport({ models: { slow } });
    const predicting = call("predict", { model: "slow", inputs: { x } }, newContext({ cancellation }));
    cancellation.cancel(reason);
    await expect(predicting).rejects.toBe(reason);
  });

  it("stops a hang when it is cancelled, without a code in the log", async () => {
    const { call, server } = createFakeTransport({ models });
    server.inject({ hang: true });
    const cancellation = new Cancellation();
    const asking = call("getModelStatus", { model: "echo" }, newContext({ cancellation }));
    cancellation.cancel(new Error("enough"));
    await expect(asking).rejects.toThrow("enough");
    expect(server.calls.map(({ code }) => code)).toEqual([undefined]);
  });

  it("ends reloads that wait when it is closed", async () => {
    const transport = createFakeTransport({ models });
    const config = { models: [{ name: "late", basePath: "/late" }] };
    const waiting = transport.call("reloadConfig", { config }, newContext());
    await transport.call("getModelStatus", { model: "echo" }, newContext());
    await transport.close();
    await expect(waiting).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });

  it("tells a model that does not load to the calls", async () => {
    const broken = { versions: { 1: { signatures: {}, load: () => Promise.reject(new Error("no graph")) } } };
    const { call } = createFakeTransport({ models: { broken } });
    await expect(call("getModelStatus", { model: "broken" }, newContext())).rejects.toThrow("did not become available");
  });

  it("refuses a model without versions", () => {
    expect(() => createFakeTransport({ models: { none: { versions: {} } } })).toThrow('model "none" has no versions');
  });
});
