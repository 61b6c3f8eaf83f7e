import { describe, expect, it } from "vitest";
import type { BatchingSettings } from "../../../src/contract/batching.ts";
import type { PredictRequest } from "../../../src/contract/predict.ts";
import type { CallContext } from "../../../src/contract/transport.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { rows, SETTINGS, setUp } from "./set-up.ts";

function x(shape: readonly number[], dtype: "float32" | "int32" = "float32"): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return dtype === "float32"
    ? new Tensor("float32", shape, new Float32Array(size))
    : new Tensor("int32", shape, new Int32Array(size));
}

const SIGNATURE = {
  methodName: "",
  inputs: { x: { dtype: "float32", shape: [-1, -1], tensorName: "" } },
  outputs: { y: { dtype: "float32", shape: [-1, -1], tensorName: "" } },
};

/** How many requests two calls make. */
async function requests(
  one: PredictRequest,
  other: PredictRequest,
  contexts: readonly [Partial<CallContext>, Partial<CallContext>] = [{}, {}],
  settings: Partial<BatchingSettings> = {},
): Promise<number> {
  const { predict, sent } = setUp(settings, () => ({ outputs: {}, modelSpec: { name: "m" } }));
  await Promise.all([predict(one, contexts[0]), predict(other, contexts[1])]);
  return sent.length;
}

describe("calls share a request only with calls of", () => {
  it.each<[what: string, one: Partial<PredictRequest>, other: Partial<PredictRequest>]>([
    ["the same model", { model: "a" }, { model: "b" }],
    ["the same version", { version: 1 }, { version: 2 }],
    ["a version, where they name one", { version: 1 }, {}],
    ["the same label", { versionLabel: "a" }, { versionLabel: "b" }],
    ["the same signature", { signatureName: "a" }, { signatureName: "b" }],
    ["a model and signature that only look alike", { model: "a", signatureName: "b" }, { model: "a1:b" }],
    ["the same output filter", { outputFilter: ["a"] }, { outputFilter: ["b"] }],
    ["the same number of filtered outputs", { outputFilter: ["a"] }, { outputFilter: ["a", "b"] }],
    ["the same input names", { inputs: { x: x([1]) } }, { inputs: { z: x([1]) } }],
    ["as many inputs", { inputs: { x: x([1]) } }, { inputs: { x: x([1]), z: x([1]) } }],
    ["the same dtype", { inputs: { x: x([1]) } }, { inputs: { x: x([1], "int32") } }],
    ["the same inner shape", { inputs: { x: x([1, 2]) } }, { inputs: { x: x([1, 3]) } }],
    ["the same rank", { inputs: { x: x([1, 1]) } }, { inputs: { x: x([1, 1, 1]) } }],
  ])("%s", async (_, one, other) => {
    expect(await requests({ ...rows(1), ...one } as PredictRequest, { ...rows(1), ...other } as PredictRequest)).toBe(
      2,
    );
  });

  it.each<[what: string, one: Partial<CallContext>, other: Partial<CallContext>]>([
    ["the same headers", { headers: { tenant: "a" } }, { headers: { tenant: "b" } }],
    ["the same credentials", { headers: { authorization: "Bearer a" } }, {}],
    ["headers that only look alike", { headers: { a: "b1:c" } }, { headers: { a: "b", c: "" } }],
    ["the same layout", { format: "row" }, { format: "columnar" }],
    ["the same compression", { compression: "gzip" }, { compression: "none" }],
    ["the same number of retries", { maxRetries: 1 }, { maxRetries: 2 }],
    ["the same time for an attempt", { attemptTimeoutMs: 1 }, { attemptTimeoutMs: 2 }],
    ["the same view on repeating", { idempotent: true }, { idempotent: false }],
    ["the same knowledge of the signature", { signature: SIGNATURE }, {}],
    ["the same settings", { batching: { ...SETTINGS, maxBatchSize: 5 } }, {}],
  ])("%s", async (_, one, other) => {
    expect(await requests(rows(1), rows(2), [one, other])).toBe(2);
  });
});

describe("calls share a request although", () => {
  it("their inputs were written down in another order", async () => {
    const one = { model: "m", inputs: { x: x([1]), z: x([1]) } };
    expect(await requests(one, { model: "m", inputs: { z: x([1]), x: x([1]) } })).toBe(1);
  });

  it("their headers are other objects, in another order, or of another trace", async () => {
    const one = { a: "1", b: "2", traceparent: "00-1", tracestate: "x" };
    expect(await requests(rows(1), rows(2), [{ headers: one }, { headers: { b: "2", a: "1" } }])).toBe(1);
  });

  it("their signatures and settings are other objects of the same content", async () => {
    const contexts = [
      { signature: SIGNATURE },
      { signature: structuredClone(SIGNATURE), batching: { ...SETTINGS } },
    ] as const;
    expect(await requests(rows(1), rows(2), contexts)).toBe(1);
  });

  it("their lengths differ, where these are filled up and the signature is known", async () => {
    const [one, other] = [x([1, 2]), x([1, 3])].map((input) => ({ model: "m", inputs: { x: input } }));
    const pad = { padVariableLengthInputs: true };
    expect(await requests(one!, other!, [{ signature: SIGNATURE }, { signature: SIGNATURE }], pad)).toBe(1);
    expect(await requests(one!, other!, [{}, {}], pad)).toBe(2);
  });
});

describe("the headers of a shared request", () => {
  it("are those of its calls without what belongs to one trace", async () => {
    const { predict, sent } = setUp();
    const headers = { tenant: "a", traceparent: "00-1", tracestate: "x" };
    await Promise.all([predict(rows(1), { headers }), predict(rows(2), { headers })]);
    expect({ ...sent[0]?.context.headers }).toEqual({ tenant: "a" });
  });
});
