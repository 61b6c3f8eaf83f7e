import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ResponseInfo } from "../../../src/contract/call-options.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { turn } from "../policies/fake-clock.ts";
import { never, rejection, setUp } from "./fake-transport.ts";

const predicted = () => ({ outputs: {}, modelSpec: { name: "m", version: 1 } });

describe("createClientOver", () => {
  it("makes tensors of plain inputs by their JavaScript type and hands tensors on as they are", async () => {
    const { client, transport } = setUp({ predict: predicted });
    const given = new Tensor("int32", [1], Int32Array.of(4));
    await client.predict({ model: "m", inputs: { x: [1, 2.5], n: 3n, given, __proto__: null } as never });
    const inputs = transport.sent[0]?.request["inputs"] as Record<string, Tensor>;
    expect(Object.getPrototypeOf(inputs)).toBeNull();
    expect(inputs["x"]).toMatchObject({ dtype: "float32", shape: [2] });
    expect(inputs["n"]).toMatchObject({ dtype: "int64", shape: [] });
    expect(inputs["given"]).toBe(given);
  });

  it("never asks for metadata by itself", async () => {
    const { client, transport } = setUp({ predict: predicted });
    await client.predict({ model: "m", inputs: { x: [1] } });
    expect(transport.sent.map(({ operation }) => operation)).toEqual(["predict"]);
  });

  it("leaves out what was not given", async () => {
    const { client, transport } = setUp({ predict: predicted });
    await client.predict({ model: "m", version: undefined, signatureName: undefined, inputs: {}, outputFilter: [] });
    expect(Object.keys(transport.sent[0]?.request ?? {})).toEqual(["model", "inputs"]);
  });

  it("decides the kinds of features for classify, regress and multiInference", async () => {
    const results = { results: [], modelSpec: { name: "m" } };
    const { client, transport } = setUp({
      classify: () => results,
      regress: () => results,
      multiInference: () => results,
    });
    const examples = [{ age: 35n }];
    await client.classify({ model: "m", examples, context: { country: "de" } });
    await client.regress({ model: "m", examples });
    await client.multiInference({ model: "m", examples, tasks: [{ signatureName: "a", method: "regress" }] });
    for (const { request } of transport.sent) {
      const [example] = request["examples"] as [{ features: Map<string, unknown> }];
      expect(example.features.get("age")).toEqual({ kind: "int64", values: BigInt64Array.of(35n) });
    }
    expect(transport.sent[0]?.request["context"]).toHaveProperty("features");
  });

  it("fills in the platform of a reload, which the server must not be left without", async () => {
    const { client, transport } = setUp({ reloadConfig: () => ({}) });
    await client.reloadConfig({
      config: { models: [{ name: "m", basePath: "/models/m", versionLabels: { stable: 1 } }] },
    });
    expect(transport.sent[0]?.request["config"]).toEqual({
      models: [{ name: "m", basePath: "/models/m", platform: "tensorflow", versionLabels: { stable: 1 } }],
    });
  });

  it("lets an empty configuration through: it unloads everything", async () => {
    const { client, transport } = setUp({ reloadConfig: () => ({}) });
    await client.reloadConfig({ config: { models: [] } });
    expect(transport.sent[0]?.request).toEqual({ config: { models: [] } });
  });

  it("merges headers, format and compression: the call's over the client's", async () => {
    const { client, transport } = setUp(
      { predict: predicted },
      { headers: { "X-Tenant": "a", "x-trace": "1" }, format: "row", compression: "gzip" },
    );
    const request = { model: "m", inputs: {} };
    await client.predict(request);
    await client.predict(request, {
      headers: { "x-tenant": null, "X-Own": "o" },
      format: "columnar",
      compression: "none",
    });
    const [first, second] = transport.sent.map(({ context }) => context);
    expect({ ...first?.headers }).toEqual({ "x-tenant": "a", "x-trace": "1" });
    expect(first).toMatchObject({ format: "row", compression: "gzip" });
    expect({ ...second?.headers }).toEqual({ "x-trace": "1", "x-own": "o" });
    expect(second).toMatchObject({ format: "columnar", compression: "none" });
  });

  it("puts the user's middleware around the call, and auth beneath it", async () => {
    const seen: unknown[] = [];
    const { client, transport } = setUp(
      { predict: predicted },
      {
        auth: async () => "Bearer t",
        middleware: [
          (call, next) => {
            seen.push(call.headers["authorization"]);
            return next(call);
          },
        ],
      },
    );
    await client.predict({ model: "m", inputs: {} });
    expect(seen).toEqual([undefined]);
    expect(transport.sent[0]?.context.headers["authorization"]).toBe("Bearer t");
  });
});

describe("the deadline of a call", () => {
  it.each([
    ["predict", 30_000],
    ["getModelStatus", 10_000],
  ] as const)("is by default that of its group: %s %d ms", async (operation, timeoutMs) => {
    const { client, clock } = setUp({ [operation]: never });
    const request = { model: "m", inputs: {} };
    const failing = rejection(
      operation === "predict" ? client.predict(request) : client.getModelStatus({ model: "m" }),
    );
    await clock.advance(timeoutMs - 1);
    expect(clock.pending).toBe(1);
    await clock.advance(1);
    expect(await failing).toMatchObject({
      message: `[DEADLINE_EXCEEDED] no answer within timeoutMs ${timeoutMs} (waiting for the server)`,
      kind: "timeout",
      operation,
      model: "m",
      endpoint: "grpc://localhost:8500",
      retryable: false,
    });
    expect(clock.pending).toBe(0);
  });

  it("is the call's own before the client's", async () => {
    const { client, clock } = setUp({ predict: never }, { timeoutMs: 500 });
    const failing = rejection(client.predict({ model: "m", inputs: {} }, { timeoutMs: 20 }));
    expect(clock.nextInMs).toBe(20);
    await clock.advance(20);
    await failing;
    const other = rejection(client.predict({ model: "m", inputs: {} }));
    expect(clock.nextInMs).toBe(500);
    await clock.advance(500);
    await other;
  });

  it("is over before it begins with 0: nothing is sent", async () => {
    const { client, transport } = setUp({ predict: predicted });
    const error = await rejection(client.predict({ model: "m", inputs: {} }, { timeoutMs: 0 }));
    expect(error).toMatchObject({
      message: "[DEADLINE_EXCEEDED] timeoutMs 0 was over before anything was sent",
      attempts: [],
    });
    expect(transport.sent).toEqual([]);
  });

  it("does not exist with Infinity", async () => {
    const { client, clock } = setUp({ predict: never });
    void client.predict({ model: "m", inputs: {} }, { timeoutMs: Number.POSITIVE_INFINITY });
    await turn();
    expect(clock.pending).toBe(0);
  });

  it.each([
    ["a middleware that hangs", { middleware: [never] }, "in middleware"],
    ["auth that hangs", { auth: never }, "waiting for auth"],
  ])("covers %s and says so", async (_what, options, phase) => {
    const { client, clock, transport } = setUp({ predict: predicted }, { ...options, timeoutMs: 100 });
    const failing = rejection(client.predict({ model: "m", inputs: {} }));
    await clock.advance(100);
    expect(await failing).toMatchObject({ rawMessage: `no answer within timeoutMs 100 (${phase})` });
    expect(transport.sent).toEqual([]);
  });

  it("leaves no timer behind when the call ends by itself", async () => {
    const { client, clock } = setUp({ predict: predicted });
    await client.predict({ model: "m", inputs: {} });
    expect(clock.pending).toBe(0);
  });
});

describe("the caller's signal", () => {
  it("rejects with its reason although the transport hangs, and tells the transport", async () => {
    const { client, transport } = setUp({ predict: never });
    const controller = new AbortController();
    const failing = rejection(client.predict({ model: "m", inputs: {} }, { signal: controller.signal }));
    await turn();
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(await failing).toBe(reason);
    expect(transport.sent[0]?.context.cancellation.reason).toBe(reason);
  });

  it("that has aborted lets nothing be sent", async () => {
    const { client, transport } = setUp({ predict: predicted });
    const error = await rejection(client.predict({ model: "m", inputs: {} }, { signal: AbortSignal.abort("before") }));
    expect(error).toBe("before");
    expect(transport.sent).toEqual([]);
  });

  it("comes before a deadline of 0", async () => {
    const { client } = setUp({ predict: predicted });
    const options = { signal: AbortSignal.abort("before"), timeoutMs: 0 };
    expect(await rejection(client.predict({ model: "m", inputs: {} }, options))).toBe("before");
  });

  it("has no listener of ours after the call, however it ended", async () => {
    const { client, transport } = setUp({ predict: predicted });
    const { signal } = new AbortController();
    await client.predict({ model: "m", inputs: {} }, { signal });
    transport.answers.predict = () => Promise.reject(new ServingError("no", { code: "INTERNAL", kind: "internal" }));
    await rejection(client.predict({ model: "m", inputs: {} }, { signal }));
    await rejection(client.predict({ model: "", inputs: {} }, { signal }));
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  it("after the end has no effect", async () => {
    const { client } = setUp({ predict: predicted });
    const controller = new AbortController();
    const calling = client.predict({ model: "m", inputs: {} }, { signal: controller.signal });
    await expect(calling).resolves.toBeDefined();
    controller.abort();
    await expect(calling).resolves.toBeDefined();
  });
});

describe("onResponse", () => {
  it("of the client hears of every call, a call's own instead of it", async () => {
    const ofClient: ResponseInfo[] = [];
    const ofCall: ResponseInfo[] = [];
    const { client } = setUp({ predict: predicted }, { onResponse: (info) => void ofClient.push(info) });
    await client.predict({ model: "m", inputs: {} });
    await client.predict({ model: "m", inputs: {} }, { onResponse: (info) => void ofCall.push(info) });
    await rejection(client.predict({ model: "", inputs: {} }));
    expect(ofClient.map(({ attempts }) => attempts.length)).toEqual([1, 0]);
    expect(ofCall).toHaveLength(1);
  });
});

describe("close", () => {
  it("waits for the calls under way, then closes the transport, once", async () => {
    let answer: (value: ReturnType<typeof predicted>) => void = () => {};
    const { client, transport, clock } = setUp({
      predict: () =>
        new Promise((resolve) => {
          answer = resolve;
        }),
    });
    const calling = client.predict({ model: "m", inputs: {} });
    await turn();
    const closing = Promise.all([client.close(), client.close()]);
    await turn();
    expect(transport.closed).toBe(0);
    answer(predicted());
    await expect(calling).resolves.toBeDefined();
    await closing;
    expect(transport.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("ends the calls that are left after timeoutMs, with kind closed", async () => {
    const { client, transport, clock } = setUp({ predict: never });
    const failing = rejection(client.predict({ model: "m", inputs: {} }, { timeoutMs: 60_000 }));
    await turn();
    const closing = client.close({ timeoutMs: 50 });
    await clock.advance(50);
    expect(await failing).toMatchObject({
      message: "[CANCELLED] the client was closed while the call was under way",
      kind: "closed",
      operation: "predict",
      retryable: false,
    });
    await closing;
    expect(transport.closed).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("ends them at once with timeoutMs 0", async () => {
    const { client } = setUp({ predict: never });
    const failing = rejection(client.predict({ model: "m", inputs: {} }));
    await client.close({ timeoutMs: 0 });
    expect(await failing).toMatchObject({ kind: "closed" });
  });

  it("gives them ten seconds by default", async () => {
    const { client, clock } = setUp({ predict: never });
    const failing = rejection(client.predict({ model: "m", inputs: {} }));
    const closing = client.close();
    await clock.advance(9_999);
    await clock.advance(1);
    await closing;
    expect(await failing).toMatchObject({ kind: "closed" });
  });

  it("has later calls reject, and sends none of them", async () => {
    const { client, transport } = setUp({ predict: predicted });
    await client.close();
    const error = await rejection(client.predict({ model: "m", inputs: {} }));
    expect(error).toMatchObject({ message: "[CANCELLED] the client is closed", kind: "closed", model: "m" });
    expect(transport.sent).toEqual([]);
  });

  it("is what await using does", async () => {
    const { client, transport } = setUp();
    await client[Symbol.asyncDispose]();
    expect(transport.closed).toBe(1);
  });
});
