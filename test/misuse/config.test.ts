import { describe, expect, it } from "vitest";
import { plan } from "../../src/config/plan.ts";
import { printBatching, printModelConfig, printMonitoring } from "../../src/config/print-config.ts";
import { toReloadConfig } from "../../src/config/to-reload-config.ts";

const good = { name: "m", basePath: "/m" };
const withModel = (fields: object) => ({ models: [{ ...good, ...fields }] });

describe("printModelConfig, misused", () => {
  it.each<[unknown, string]>([
    [undefined, "the configuration must be an object, got undefined"],
    [{}, "models must be an array, got undefined"],
    [{ models: {} }, "models must be an array, got an object"],
    [{ models: [], model: 1 }, 'the configuration has the unknown key "model"; did you mean "models"?'],
    [{ models: ["m"] }, "models[0] must be an object, got a string"],
    [withModel({ name: 5 }), "models[0].name must be text, without half of a surrogate pair, got 5"],
    [withModel({ name: "\ud800" }), 'models[0].name must be text, without half of a surrogate pair, got "\\ud800"'],
    [withModel({ path: "/m" }), 'models[0] has the unknown key "path"'],
    [withModel({ basepath: "/m" }), 'models[0] has the unknown key "basepath"; did you mean "basePath"?'],
    [
      withModel({ versionPolicy: "latest" }),
      'models[0].versionPolicy must be "all", { latest: count } or { specific: versions }, got "latest"',
    ],
    [
      withModel({ versionPolicy: { latest: 1, specific: [1] } }),
      'models[0].versionPolicy must be "all", { latest: count } or { specific: versions }, got both latest and specific',
    ],
    [
      withModel({ versionPolicy: { latest: -1 } }),
      "models[0].versionPolicy.latest must be a whole number from 0 to 4294967295, got -1",
    ],
    [withModel({ versionPolicy: { specific: 1 } }), "models[0].versionPolicy.specific must be an array, got a number"],
    [
      withModel({ versionPolicy: { specific: ["1"] } }),
      'models[0].versionPolicy.specific[0] must be a whole number of 64 bits, a bigint beyond 2^53-1, got "1"',
    ],
    [withModel({ versionLabels: [1] }), "models[0].versionLabels must be an object, got an array"],
    [
      withModel({ versionLabels: { a: 2 ** 53 } }),
      'models[0].versionLabels["a"] must be a whole number of 64 bits, a bigint beyond 2^53-1, got 9007199254740992',
    ],
    [
      withModel({ modelType: "TF" }),
      'models[0].modelType must be one of MODEL_TYPE_UNSPECIFIED, TENSORFLOW, OTHER, got "TF"',
    ],
    [
      { models: [], customModelConfig: { typeUrl: "x", value: "AA==" } },
      'customModelConfig.value must be a Uint8Array, got "AA=="',
    ],
    [
      { models: [good], customModelConfig: { typeUrl: "x", value: new Uint8Array() } },
      "customModelConfig and models exclude each other, got both",
    ],
  ])("%o", (config, message) => {
    expect(() => printModelConfig(config as never)).toThrow(new TypeError(message));
  });
});

describe("printBatching, misused", () => {
  it.each<[unknown, string]>([
    [{ maxBatchSize: 1.5 }, "maxBatchSize must be a whole number, got 1.5"],
    [{ maxBatchSize: { value: 8 } }, "maxBatchSize must be a whole number, got an object"],
    [{ max_batch_size: 8 }, 'the configuration has the unknown key "max_batch_size"; did you mean "maxBatchSize"?'],
    [{ allowedBatchSizes: 8 }, "allowedBatchSizes must be an array, got a number"],
    [{ padVariableLengthInputs: 1 }, "padVariableLengthInputs must be true or false, got 1"],
  ])("%o", (config, message) => {
    expect(() => printBatching(config as never)).toThrow(new TypeError(message));
  });
});

describe("printMonitoring, misused", () => {
  it.each<[unknown, string]>([
    [{ prometheus: true }, "prometheus must be an object, got a boolean"],
    [{ prometheus: { enable: "yes" } }, 'prometheus.enable must be true or false, got "yes"'],
  ])("%o", (config, message) => {
    expect(() => printMonitoring(config as never)).toThrow(new TypeError(message));
  });
});

describe("toReloadConfig, misused", () => {
  it.each<[unknown, string]>([
    [{ models: 5 }, "models: models must be an array, got a number; correct it: no file can hold this"],
    [
      withModel({ basePath: "m" }),
      'models[0].basePath: the base path "m" is relative: the server refuses all but absolute paths and URIs; write it from / on, or with its scheme, as gs://bucket/model',
    ],
  ])("%o", (config, message) => {
    expect(() => toReloadConfig(config as never)).toThrow(new TypeError(message));
  });
});

describe("plan, misused", () => {
  it.each<[unknown, unknown, string]>([
    [5, { models: [] }, "plan: from must be a model configuration such as { models: [] }, got a number"],
    [undefined, undefined, "plan: to must be a model configuration such as { models: [] }, got undefined"],
    [
      { models: [] },
      { maxBatchSize: 1 },
      "plan: to must be a model configuration such as { models: [] }, got an object",
    ],
    [
      { models: [{}] },
      { models: [] },
      "plan: from must be a model configuration such as { models: [] }, got an object",
    ],
  ])("%o, %o", (from, to, message) => {
    expect(() => plan(from as never, to as never)).toThrow(new TypeError(message));
  });
});
