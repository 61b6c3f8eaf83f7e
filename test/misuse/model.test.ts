import { describe, expect, it } from "vitest";
import type { Signature } from "../../src/contract/signature.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { rejection, setUp } from "../unit/client/fake-transport.ts";

const ONE: Signature = {
  methodName: "tensorflow/serving/predict",
  inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
  outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
};

const TWO: Signature = {
  methodName: "tensorflow/serving/predict",
  inputs: {
    image: { dtype: "float32", shape: [-1, 3], tensorName: "i:0" },
    id: { dtype: "int64", shape: [], tensorName: "d:0" },
  },
  outputs: {
    scores: { dtype: "float32", shape: null, tensorName: "s:0" },
    classes: { dtype: "string", shape: [-1], tensorName: "c:0" },
  },
};

const RESOURCE: Signature = { ...ONE, inputs: { r: { dtype: "DT_RESOURCE", shape: null, tensorName: "r:0" } } };

const signatures = { serving_default: ONE, two: TWO, resource: RESOURCE };

async function messageOf(signatureName: string | undefined, inputs: unknown, options?: object): Promise<string> {
  const { client, transport } = setUp({
    getModelMetadata: () => ({ modelSpec: { name: "m", version: 1 }, signatures }),
  });
  const error = await rejection(client.model("m", { signatureName }).predict(inputs as never, options));
  expect(error).toBeInstanceOf(ServingError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", operation: "predict", model: "m" });
  expect(transport.count("predict")).toBe(0);
  return (error as ServingError).rawMessage;
}

const OF_ONE = 'signature "serving_default" of "m"';
const WANTS = `${OF_ONE} wants float32 [-1]`;
const ALL_OF_TWO = '"image" float32 [-1, 3], "id" int64 []';
const image = [[1, 2, 3]];

describe("inputs that do not fit a signature", () => {
  it.each<[string, unknown, string]>([
    [
      "a name that it does not have",
      { instances: [1] },
      `input "instances" is not in ${OF_ONE} (inputs: "x" float32 [-1]); did you mean "x"?`,
    ],
    ["none", {}, `input "x" is missing: ${OF_ONE} wants "x" float32 [-1]`],
    ["a scalar", { x: 1 }, `input "x": shape [] does not fit: ${WANTS}; for a batch of one put it into an array`],
    ["an axis too many", { x: [[1]] }, `input "x": shape [1, 1] does not fit: ${WANTS}`],
    ["text for numbers", { x: "a" }, `input "x": expected a number (float32), found a string; ${WANTS}`],
    ["bigint for float", { x: [1n] }, `input "x" at [0]: expected a number (float32), found a bigint; ${WANTS}`],
    [
      "a tensor of another dtype",
      { x: new Tensor("int64", [1], BigInt64Array.of(1n)) },
      `input "x": expected float32, found a tensor of int64 [1]; ${WANTS}`,
    ],
    [
      "an array of another dtype",
      { x: Int32Array.of(1) },
      `input "x": expected float32, found an Int32Array; ${WANTS}`,
    ],
  ])("%s", async (_what, inputs, text) => {
    expect(await messageOf(undefined, inputs)).toBe(text);
  });

  it("names the nearest of several", async () => {
    expect(await messageOf("two", { imag: image })).toBe(
      `input "imag" is not in signature "two" of "m" (inputs: ${ALL_OF_TWO}); did you mean "image"?`,
    );
  });

  it("lists all that are wanted when one is missing", async () => {
    expect(await messageOf("two", { image })).toBe(`input "id" is missing: signature "two" of "m" wants ${ALL_OF_TWO}`);
  });

  it("says what a row and a fixed dimension have to be", async () => {
    const wants = 'does not fit: signature "two" of "m" wants float32 [-1, 3]';
    expect(await messageOf("two", { image: [1, 2, 3], id: 1 })).toBe(
      `input "image": shape [3] ${wants}; for a batch of one put it into an array`,
    );
    expect(await messageOf("two", { image: [[1, 2]], id: 1 })).toBe(`input "image": shape [1, 2] ${wants}`);
  });

  it("says that a dtype cannot be sent", async () => {
    expect(await messageOf("resource", { r: 1 })).toBe(
      'input "r": signature "resource" of "m" wants DT_RESOURCE of any shape, which this client cannot send',
    );
  });

  it("checks the outputs that are asked for", async () => {
    expect(await messageOf("two", { image, id: 1 }, { outputFilter: ["score"] })).toBe(
      'output "score" is not in signature "two" of "m" (outputs: "scores" float32 of any shape, "classes" string [-1]); did you mean "scores"?',
    );
  });

  it("looks at the options like any call", async () => {
    expect(await messageOf("two", { image, id: 1 }, 5 as never)).toBe(
      "predict: the options must be an object, got a number",
    );
    const options = { outputFilter: ["scores"], timeout: 5 };
    expect(await messageOf("two", { image, id: 1 }, options)).toBe(
      'predict: unknown option "timeout"; did you mean "timeoutMs"?',
    );
  });

  it("escapes and bounds what a server calls things", async () => {
    const inputs = Object.fromEntries(
      Array.from({ length: 1_000 }, (_, index) => [`\u001b[31m${"n".repeat(500)}${index}`, ONE.inputs["x"]!]),
    );
    const hostile = { serving_default: { ...ONE, inputs } };
    const { client } = setUp({ getModelMetadata: () => ({ modelSpec: { name: "m" }, signatures: hostile }) });
    const error = (await rejection(client.model("m").predict({ q: 1 }))) as ServingError;
    expect(error.rawMessage.length).toBeLessThan(4_000);
    expect(error.rawMessage).toContain("980 more");
    expect(error.rawMessage).not.toContain("\u001b");
  });
});

describe("a signature that the model does not have", () => {
  it("is refused with the ones it has", async () => {
    expect(await messageOf("serving_defualt", {})).toBe(
      'signature "serving_defualt" is not in "m" (signatures: "serving_default", "two", "resource"); did you mean "serving_default"?',
    );
  });
});

describe("model(), misused", () => {
  it.each<[unknown, unknown, string]>([
    ["", undefined, `model: the model's name must be a non-empty string, got ""`],
    [5, undefined, "model: the model's name must be a non-empty string, got 5"],
    ["..", undefined, `model: the model's name must not be ".."`],
    ["m", null, 'model("m"): the options must be an object, got null'],
    ["m", { signatur: "none" }, 'model("m"): unknown option "signatur"; did you mean "signature"?'],
    ["m", { onResponse: () => {} }, 'model("m"): unknown option "onResponse"'],
    ["m", { signature: "off" }, 'model("m"): option "signature" must be "load" or "none", got "off"'],
    ["m", { signatureName: "" }, 'model("m"): option "signatureName" must be a non-empty string, got ""'],
    ["m", { version: 1, versionLabel: "a" }, 'model("m"): version and versionLabel exclude each other, got both'],
    ["m", { version: -1 }, 'model("m"): version must be a whole number from 0 to 2^63-1, got -1'],
    ["m", { timeoutMs: -1 }, 'model("m"): option "timeoutMs" must be a number of milliseconds from 0, got -1'],
  ])("%j, %j", (name, options, text) => {
    const { client } = setUp();
    expect(() => client.model(name as string, options as never)).toThrow(new TypeError(text));
  });
});

describe("waitUntilReady, misused", () => {
  it.each([
    [{ timeout: 5 }, 'waitUntilReady: unknown option "timeout"; did you mean "timeoutMs"?'],
    [{ pollIntervalMs: 0 }, 'waitUntilReady: option "pollIntervalMs" must be a number of milliseconds above 0, got 0'],
  ])("%j", async (options, text) => {
    const { client } = setUp();
    expect(await rejection(client.model("m").waitUntilReady(options as object))).toMatchObject({ rawMessage: text });
  });
});
