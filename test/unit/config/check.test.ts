import { describe, expect, it } from "vitest";
import type { BatchingParameters } from "../../../src/config/batching-parameters.ts";
import { check } from "../../../src/config/check.ts";
import type { CheckOptions } from "../../../src/config/check-options.ts";
import type { FileModelConfig } from "../../../src/config/model-server-config.ts";

const good = { name: "m", basePath: "/models/m", platform: "tensorflow" } as const;
const packed = { typeUrl: "x", value: new Uint8Array() };

/** `severity rule path` of each problem. */
const found = (problems: ReturnType<typeof check>) =>
  problems.map(({ severity, rule, path }) => `${severity} ${rule} ${path}`.trimEnd());
const foundIn = (model: Partial<FileModelConfig>, options: CheckOptions = {}) =>
  found(check({ models: [{ ...good, ...model }] }, options));

describe("check, of models", () => {
  it("finds nothing in what a server serves without surprises", () => {
    expect(foundIn({})).toEqual([]);
    expect(foundIn({ platform: undefined })).toEqual([]);
    expect(foundIn({ basePath: "s3://bucket/m", versionPolicy: { specific: [1, 2] } })).toEqual([]);
    expect(foundIn({ versionPolicy: "all", versionLabels: { a: 1 } }, { use: "reload" })).toEqual([]);
  });

  it.each<[string, Partial<FileModelConfig>, string[]]>([
    ["no platform", { platform: "" }, ["error missing-platform models[0]"]],
    ["an unknown platform", { platform: "tensorflw" }, ["error unknown-platform models[0].platform"]],
    ["the deprecated type", { platform: "", modelType: "TENSORFLOW" }, ["warning model-type models[0].modelType"]],
    ["the type and a platform", { modelType: "TENSORFLOW" }, ["error model-type models[0].modelType"]],
    ["another type", { platform: "", modelType: "OTHER" }, ["error model-type models[0].modelType"]],
    [
      "a type of no meaning",
      { platform: "", modelType: "MODEL_TYPE_UNSPECIFIED" },
      ["error missing-platform models[0]"],
    ],
    ["a relative path", { basePath: "models/m" }, ["error relative-base-path models[0].basePath"]],
    ["a home directory", { basePath: "~/m" }, ["error relative-base-path models[0].basePath"]],
    ["no path", { basePath: "" }, ["error relative-base-path models[0].basePath"]],
    ["the directory of a version", { basePath: "/models/m/1/" }, ["warning version-as-base-path models[0].basePath"]],
    ["no name", { name: "" }, ["error missing-name models[0]"]],
    ["a name that climbs", { name: ".." }, ["warning unreachable-name models[0].name"]],
    ["a name of two lines", { name: "a\nb" }, ["warning unreachable-name models[0].name"]],
    ["no versions", { versionPolicy: { specific: [] } }, ["error empty-specific models[0].versionPolicy"]],
    ["latest 0", { versionPolicy: { latest: 0 } }, ["warning latest-zero models[0].versionPolicy"]],
    [
      "a negative version",
      { versionPolicy: { specific: [-1] } },
      ["error negative-version models[0].versionPolicy.specific[0]"],
    ],
    [
      "a version twice",
      { versionPolicy: { specific: [1, 1n] } },
      ["warning repeated-version models[0].versionPolicy.specific[1]"],
    ],
    ["logging", { loggingConfig: {} }, ["error logging-config models[0].loggingConfig"]],
  ])("finds %s", (_what, model, problems) => {
    expect(foundIn(model)).toEqual(problems);
  });

  it.each<[Partial<FileModelConfig>, string[]]>([
    [{ versionPolicy: { specific: [1, 2n ** 60n] }, versionLabels: { a: 1n, b: 2n ** 60n } }, []],
    [
      { versionPolicy: { specific: [1] }, versionLabels: { a: 2 } },
      ['error label-without-version models[0].versionLabels["a"]'],
    ],
    [{ versionLabels: { a: 2 } }, ['warning label-not-pinned models[0].versionLabels["a"]']],
    [
      { versionPolicy: { latest: 2 }, versionLabels: { a: 2 } },
      ['warning label-not-pinned models[0].versionLabels["a"]'],
    ],
    [{ versionPolicy: "all", versionLabels: { "": 2 } }, ['error empty-label models[0].versionLabels[""]']],
    [{ versionPolicy: "all", versionLabels: { a: -2 } }, ['error negative-version models[0].versionLabels["a"]']],
  ])("holds labels against the policy: %o", (model, problems) => {
    expect(foundIn(model, { use: "reload" })).toEqual(problems);
  });

  it("warns of labels at a start, unless the server allows them", () => {
    const labelled = { versionPolicy: "all", versionLabels: { a: 1 } } as const;
    expect(foundIn(labelled)).toEqual(["warning label-at-start models[0].versionLabels"]);
    expect(foundIn(labelled, { use: "start" })).toEqual(["warning label-at-start models[0].versionLabels"]);
    expect(foundIn(labelled, { allowUnavailableLabels: true })).toEqual([]);
  });

  it("accepts platforms of a platform config file", () => {
    expect(foundIn({ platform: "mine" }, { platforms: ["mine"] })).toEqual([]);
    expect(foundIn({}, { platforms: ["mine"] })).toEqual(["error unknown-platform models[0].platform"]);
  });

  it("finds names that are there twice, in each further entry", () => {
    expect(found(check({ models: [good, { ...good, name: "n" }, good, good] }))).toEqual([
      "error duplicate-name models[2].name",
      "error duplicate-name models[3].name",
    ]);
  });

  it("finds configurations without models and packed ones", () => {
    expect(found(check({ models: [] }))).toEqual(["warning no-models models"]);
    expect(found(check({ models: [], customModelConfig: packed }))).toEqual([
      "error custom-model-config customModelConfig",
    ]);
    expect(found(check({ models: [good], customModelConfig: packed }))).toEqual(["error shape customModelConfig"]);
  });

  it("says why and what to do", () => {
    expect(check({ models: [{ ...good, platform: "" }] })).toEqual([
      {
        severity: "error",
        rule: "missing-platform",
        path: "models[0]",
        reason:
          "there is no model_platform: a server does not start with this, and one that reloads it for a new model refuses that reload and every later one until it is restarted",
        remedy: 'write model_platform: "tensorflow"',
      },
    ]);
  });
});

describe("check, of batching", () => {
  it.each<[BatchingParameters, string[]]>([
    [{}, []],
    [{ maxBatchSize: 8, allowedBatchSizes: [1, 4, 8] }, []],
    [{ allowedBatchSizes: [10, 1000] }, []],
    [{ maxBatchSize: 8, allowedBatchSizes: [4, 2, 8] }, ["error batch-sizes-not-ascending allowedBatchSizes[1]"]],
    [{ maxBatchSize: 8, allowedBatchSizes: [4, 4, 8] }, ["error batch-sizes-not-ascending allowedBatchSizes[1]"]],
    [{ maxBatchSize: 8, allowedBatchSizes: [4] }, ["error last-batch-size allowedBatchSizes[0]"]],
    [{ allowedBatchSizes: [4, 8] }, ["error last-batch-size allowedBatchSizes[1]"]],
    [{ maxBatchSize: 8, allowedBatchSizes: [0, 8] }, ["error out-of-range allowedBatchSizes[0]"]],
    [{ maxBatchSize: 0 }, ["error out-of-range maxBatchSize"]],
    [{ batchTimeoutMicros: -1 }, ["error out-of-range batchTimeoutMicros"]],
    [{ numBatchThreads: 0 }, ["error out-of-range numBatchThreads"]],
    [{ maxEnqueuedBatches: -1 }, ["error out-of-range maxEnqueuedBatches"]],
    [{ maxEnqueuedBatches: 0 }, ["warning out-of-range maxEnqueuedBatches"]],
    [{ maxExecutionBatchSize: 8 }, ["warning execution-size maxExecutionBatchSize"]],
    [{ enableLargeBatchSplitting: true, maxBatchSize: 8, maxExecutionBatchSize: 4 }, []],
    [{ enableLargeBatchSplitting: true, maxBatchSize: 8 }, []],
    [{ enableLargeBatchSplitting: true }, ["error split-without-size enableLargeBatchSplitting"]],
    [{ enableLargeBatchSplitting: true, maxExecutionBatchSize: 1001 }, ["error execution-size maxExecutionBatchSize"]],
    [{ padVariableLengthInputs: true }, ["warning padded-outputs padVariableLengthInputs"]],
  ])("%o", (config, problems) => {
    expect(found(check(config))).toEqual(problems);
  });
});

describe("check, of monitoring", () => {
  it.each<[string, string[]]>([
    ["prometheus_config { enable: true }", []],
    ["prometheus_config { enable: true path: '/metrics' }", []],
    ["prometheus_config { enable: true path: 'metrics' }", ["error prometheus-path prometheus.path"]],
    ["prometheus_config { enable: true path: '/metrics?x' }", ["error prometheus-path prometheus.path"]],
    ["prometheus_config { path: 'metrics' }", ["warning prometheus-off prometheus"]],
    ["prometheus_config {}", ["warning prometheus-off prometheus"]],
  ])("%s", (text, problems) => {
    expect(found(check(text))).toEqual(problems);
  });

  it("warns of a file without anything", () => {
    expect(found(check("", { kind: "monitoring" }))).toEqual(["warning prometheus-off"]);
    expect(found(check({}, { kind: "monitoring" }))).toEqual(["warning prometheus-off"]);
  });
});

describe("check, of texts", () => {
  it("gives each problem its place: that of the member, or of what it is missing in", () => {
    const text = "model_config_list {\n config {\n  name: 'm'\n  base_path: 'm'\n }\n}";
    expect(check(text)).toMatchObject([
      { rule: "relative-base-path", line: 4, column: 3 },
      { rule: "missing-platform", line: 2, column: 9 },
    ]);
  });

  it("reports what cannot be read as one problem", () => {
    expect(check("model_config_list {\n max_batch_size { value: 1 }\n}")).toEqual([
      {
        severity: "error",
        rule: "syntax",
        path: "",
        reason:
          'ModelConfigList has no field "max_batch_size"; it belongs in the batching file (--batching_parameters_file)',
        remedy: "correct the file: the server stops at the same place and does not start",
        line: 2,
        column: 2,
      },
    ]);
  });

  it("puts the warning of JSON before what is wrong in it", () => {
    expect(found(check('{"max_batch_size": 4, "allowed_batch_sizes": [2]}'))).toEqual([
      "warning json",
      "error last-batch-size allowedBatchSizes[0]",
    ]);
  });
});

describe("check, of what is no configuration", () => {
  it.each<[unknown, CheckOptions, string[]]>([
    [null, {}, ["error shape"]],
    [5, {}, ["error shape"]],
    [[], {}, ["error shape"]],
    [{ models: [null, { name: 5, basePath: "/m" }] }, {}, ["error shape models[0]", "error shape models[1].name"]],
    [{ models: [{ ...good, base_path: "/m" }] }, {}, ["error shape models[0].base_path"]],
    [{ models: [{ ...good, versionPolicy: "latest" }] }, {}, ["error shape models[0].versionPolicy"]],
    [{ models: [{ ...good, versionPolicy: { latest: 1.5 } }] }, {}, ["error shape models[0].versionPolicy.latest"]],
    [{ models: [{ ...good, versionLabels: { a: "1" } }] }, {}, ['error shape models[0].versionLabels["a"]']],
    [{ models: [{ ...good, versionLabels: { a: 2 ** 53 } }] }, {}, ['error shape models[0].versionLabels["a"]']],
    [{ models: [{ ...good, versionLabels: { a: 2n ** 63n } }] }, {}, ['error shape models[0].versionLabels["a"]']],
    [{ maxBatchSize: 8n }, {}, ["error shape maxBatchSize"]],
    [{ max_batch_size: 8 }, {}, ["error shape max_batch_size"]],
    [{}, { kind: "model" }, ["error shape models"]],
  ])("%o", (config, options, problems) => {
    expect(found(check(config as never, options))).toEqual(problems);
  });
});
