import { describe, expect, it } from "vitest";
import { ServingError } from "../../src/errors/serving-error.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { rejection, setUp } from "../unit/client/fake-transport.ts";

type Methods = Record<string, (...given: unknown[]) => unknown>;

/** What a call rejects with. It must neither throw nor send anything. */
async function messageOf(method: string, ...given: unknown[]): Promise<string> {
  const { client, transport } = setUp();
  const promise = (client as unknown as Methods)[method]?.(...given);
  expect(promise).toBeInstanceOf(Promise);
  const error = await rejection(promise as Promise<unknown>);
  expect(error).toBeInstanceOf(ServingError);
  expect(error).toMatchObject({ code: "INVALID_ARGUMENT", kind: "invalid", attempts: [] });
  expect(transport.sent).toEqual([]);
  return (error as ServingError).rawMessage;
}

const WHOLE = "must be a whole number from 0 to 2^63-1";
const INPUTS = "inputs must be an object of values by input name, such as { x: [1, 2] }";

describe("predict, misused", () => {
  it.each<[unknown, string]>([
    [undefined, "the request must be an object, got undefined"],
    ["a payload", "the request must be an object, got a string"],
    [{}, "model must be a non-empty string, got undefined"],
    [{ model: "" }, 'model must be a non-empty string, got ""'],
    [{ model: 5 }, "model must be a non-empty string, got 5"],
    [{ model: ".." }, 'model must not be ".."'],
    [{ model: "a\nb" }, 'model must not hold control characters or half a surrogate pair, got "a\\nb"'],
    [{ model: "\ud800" }, 'model must not hold control characters or half a surrogate pair, got "\\ud800"'],
    [{ model: "ü".repeat(129) }, "model must have at most 256 bytes, got 258"],
    [{ model: "m", version: 1, versionLabel: "a" }, "version and versionLabel exclude each other, got both"],
    [{ model: "m", version: -1 }, `version ${WHOLE}, got -1`],
    [{ model: "m", version: 1.5 }, `version ${WHOLE}, got 1.5`],
    [{ model: "m", version: "1" }, `version ${WHOLE}, got "1"`],
    [{ model: "m", version: 2n ** 63n }, `version ${WHOLE}, got 9223372036854775808n`],
    [{ model: "m", version: 2 ** 53 }, "version 9007199254740992 is beyond 2^53-1 and not exact: give it as a bigint"],
    [{ model: "m", versionLabel: "" }, 'versionLabel must be a non-empty string, got ""'],
    [{ model: "m", signature: "s" }, 'the request has the unknown key "signature"; did you mean "signatureName"?'],
    [
      { model: "m", signature_name: "s" },
      'the request has the unknown key "signature_name"; did you mean "signatureName"?',
    ],
    [{ model: "m", input: {} }, 'the request has the unknown key "input"; did you mean "inputs"?'],
    [{ name: "m" }, 'the request has the unknown key "name"'],
    [
      { model: "m", maxRetries: 0 },
      'the request has the unknown key "maxRetries": it goes into the second argument, the options',
    ],
    [
      { model: "m", timeoutMs: 5 },
      'the request has the unknown key "timeoutMs": it goes into the second argument, the options',
    ],
    [
      { model: "m", signatureName: "" },
      'signatureName must be a non-empty string, got ""; leave it out for the default',
    ],
    [{ model: "m" }, `${INPUTS}, got undefined`],
    [{ model: "m", inputs: [1] }, `${INPUTS}, got an array`],
    [{ model: "m", inputs: "a payload" }, `${INPUTS}, got a string`],
    [{ model: "m", inputs: Float32Array.of(1) }, `${INPUTS}, got a Float32Array`],
    [{ model: "m", inputs: new Tensor("float32", [1], Float32Array.of(1)) }, `${INPUTS}, got a Tensor`],
    [{ model: "m", inputs: {}, outputFilter: "y" }, 'outputFilter must be an array of output names, got "y"'],
    [{ model: "m", inputs: {}, outputFilter: ["y", ""] }, 'outputFilter[1] must be an output\'s name, got ""'],
    [{ model: "m", inputs: {}, outputFilter: ["y", "y"] }, 'outputFilter names "y" twice'],
  ])("%o", async (request, text) => {
    expect(await messageOf("predict", request)).toBe(`predict: ${text}`);
  });

  it("names the input that cannot be a tensor", async () => {
    expect(await messageOf("predict", { model: "m", inputs: { x: null } })).toBe(
      'input "x": expected a tensor, an array or a value, found null',
    );
  });

  it.each<[unknown, string]>([
    [null, "the options must be an object, got null"],
    [5, "the options must be an object, got a number"],
    [{ timeout: 5 }, 'unknown option "timeout"; did you mean "timeoutMs"?'],
    [{ timeoutMs: "5" }, 'option "timeoutMs" must be a number of milliseconds from 0, got "5"'],
    [{ signal: new AbortController() }, 'option "signal" must be an AbortSignal, got an AbortController'],
    [{ headers: { host: "x" } }, 'header "host" is written by the client itself'],
    [{ auth: "Bearer hunter2" }, 'unknown option "auth"'],
  ])("with the options %o", async (options, text) => {
    expect(await messageOf("predict", { model: "m", inputs: {} }, options)).toBe(`predict: ${text}`);
  });
});

describe("classify and regress, misused", () => {
  it.each<[string, object, string]>([
    ["classify", {}, "classify: examples must be an array of objects, got undefined"],
    ["classify", { examples: { a: 1 } }, "classify: examples must be an array of objects, got an object"],
    ["classify", { examples: [] }, "classify: examples must hold at least one, got none"],
    ["classify", { examples: [1] }, "examples[0]: expected an object of features, found a number"],
    ["classify", { examples: new Array(1) }, "examples[0]: expected an object of features, found undefined"],
    ["regress", { inputs: [] }, 'regress: the request has the unknown key "inputs"'],
    ["regress", { examples: [{ a: 1 }], context: 5 }, "context: expected an object of features, found a number"],
    [
      "regress",
      { examples: [{ b: 1 }, { a: 1 }], context: { a: 2 } },
      'regress: feature "a" stands in context and in examples[1]',
    ],
  ])("%s %o", async (method, request, text) => {
    expect(await messageOf(method, { model: "m", ...request })).toBe(text);
  });
});

describe("multiInference, misused", () => {
  const TASKS = "tasks must be a non-empty array of { signatureName, method }";
  const task = { signatureName: "a", method: "regress" };

  it.each<[unknown, string]>([
    [undefined, `${TASKS}, got undefined`],
    [[], `${TASKS}, got none`],
    [["a"], "tasks[0] must be an object, got a string"],
    [[{ signature: "a" }], 'tasks[0] has the unknown key "signature"; did you mean "signatureName"?'],
    [[{ ...task, signatureName: "" }], 'tasks[0].signatureName must be a non-empty string, got ""'],
    [[{ ...task, method: "predict" }], 'tasks[0].method must be "classify" or "regress", got "predict"'],
    [[task, { ...task, method: "classify" }], 'two tasks ask the signature "a": the server takes each once'],
  ])("tasks %o", async (tasks, text) => {
    const request = { model: "m", examples: [{ a: 1 }], tasks };
    expect(await messageOf("multiInference", request)).toBe(`multiInference: ${text}`);
  });
});

describe("getModelStatus, misused", () => {
  it("refuses a label and says why", async () => {
    expect(await messageOf("getModelStatus", { model: "m", versionLabel: "stable" })).toBe(
      "getModelStatus: versionLabel cannot be asked for: the server ignores it and answers for all versions; name a version, or ask getModelMetadata which version a label stands for",
    );
  });
});

describe("reloadConfig, misused", () => {
  it.each<[unknown, string]>([
    [{}, "config must be an object, got undefined"],
    [{ models: [] }, 'the request has the unknown key "models"'],
    [{ config: {} }, "config.models must be an array, got undefined; an empty one unloads every model"],
    [
      {
        config: {
          models: [
            { name: "m", basePath: "/m" },
            { name: "m", basePath: "/n" },
          ],
        },
      },
      'config.models has two entries named "m"',
    ],
  ])("%o", async (request, text) => {
    expect(await messageOf("reloadConfig", request)).toBe(`reloadConfig: ${text}`);
  });

  const POLICY = 'versionPolicy must be "all", { latest: count } or { specific: versions }';
  const PATH = ".basePath must be an absolute path or a URI such as gs://bucket/model";

  it.each<[object, string]>([
    [{ name: "" }, '.name must be a non-empty string, got ""'],
    [{ basePath: undefined }, `${PATH}, got undefined`],
    [{ basePath: "models/m" }, `${PATH}, got "models/m"`],
    [{ base_path: "/m" }, ' has the unknown key "base_path"; did you mean "basePath"?'],
    [{ loggingConfig: {} }, ' has the unknown key "loggingConfig"'],
    [{ platform: "" }, '.platform must be a non-empty string, got ""; leave it out for "tensorflow"'],
    [{ versionPolicy: "latest" }, `.${POLICY}, got "latest"`],
    [{ versionPolicy: {} }, `.${POLICY}, got neither`],
    [{ versionPolicy: { latest: 1, specific: [1] } }, `.${POLICY}, got both latest and specific`],
    [{ versionPolicy: { versions: [1] } }, '.versionPolicy has the unknown key "versions"'],
    [{ versionPolicy: { latest: 0 } }, ".versionPolicy.latest must be a whole number from 1 to 4294967295, got 0"],
    [{ versionPolicy: { latest: 1n } }, ".versionPolicy.latest must be a whole number from 1 to 4294967295, got 1n"],
    [{ versionPolicy: { specific: 1 } }, ".versionPolicy.specific must be an array of versions, got 1"],
    [
      { versionPolicy: { specific: [] } },
      ".versionPolicy.specific must name at least one version: the server would unload the model; leave the model out for that",
    ],
    [{ versionPolicy: { specific: [1, -1] } }, `.versionPolicy.specific[1] ${WHOLE}, got -1`],
    [{ versionLabels: ["a"] }, ".versionLabels must be an object of versions by label, got an array"],
    [{ versionLabels: { "": 1 } }, '.versionLabels: a label must be a non-empty string, got ""'],
    [{ versionLabels: { a: "1" } }, `.versionLabels["a"] ${WHOLE}, got "1"`],
    [
      { versionPolicy: { specific: [1] }, versionLabels: { a: 2n } },
      '.versionLabels["a"] is version 2, which versionPolicy.specific does not list',
    ],
  ])("a model with %o", async (changes, text) => {
    const model = { name: "m", basePath: "/m", ...changes };
    expect(await messageOf("reloadConfig", { config: { models: [model] } })).toBe(
      `reloadConfig: config.models[0]${text}`,
    );
  });
});

describe("close, misused", () => {
  it("names the option", async () => {
    expect(await messageOf("close", { timeoutMs: -1 })).toBe(
      'close: option "timeoutMs" must be a number of milliseconds from 0, got -1',
    );
  });
});
