import { describe, expect, it } from "vitest";
import { readConfig } from "../../../src/config/read-config.ts";

describe("readConfig", () => {
  it.each([
    ["", "model"],
    ["model_config_list {}", "model"],
    ["custom_model_config {}", "model"],
    ["max_batch_size {}", "batching"],
    ["# only sizes\nallowed_batch_sizes: 1", "batching"],
    ["prometheus_config {}", "monitoring"],
    ["{}", "model"],
    ['{"models": []}', "model"],
    ['{"model_config_list": {}}', "model"],
    ['{"maxBatchSize": 1}', "batching"],
    ['{"prometheus": {"enable": true}}', "monitoring"],
    ['{"prometheusConfig": {}}', "monitoring"],
  ])("tells from %j that it is a %s file", (text, kind) => {
    expect(readConfig(text).kind).toBe(kind);
  });

  it("takes the kind that it is told", () => {
    expect(readConfig("", { kind: "batching" })).toMatchObject({ kind: "batching", config: {} });
    expect(() => readConfig("max_batch_size {}", { kind: "model" })).toThrow("it belongs in the batching file");
  });

  it.each([
    `{"modelConfigList": {"config": [{"name": "m", "basePath": "/m", "modelPlatform": "tensorflow",
       "modelVersionPolicy": {"specific": {"versions": ["1", 2]}}, "versionLabels": {"a": "1", "b": 2}}]}}`,
    `{"model_config_list": {"config": [{"name": "m", "base_path": "\\/m", "model_platform": "tensorflow",
       "model_type": null,
       "model_version_policy": {"specific": {"versions": [1, 2]}}, "version_labels": {"a": 1, "b": 2}}]}}`,
    `{"models": [{"name": "m", "basePath": "/m", "versionPolicy": {"specific": [1, 2]},
       "versionLabels": {"a": 1, "b": 2}, "platform": null}]}`,
  ])("converts JSON and warns of it: %s", (text) => {
    const { config, format, warnings } = readConfig(text);
    expect(config).toEqual({
      models: [
        {
          name: "m",
          basePath: "/m",
          platform: "tensorflow",
          versionPolicy: { specific: [1, 2] },
          versionLabels: { a: 1, b: 2 },
        },
      ],
    });
    expect(format).toBe("json");
    expect(warnings).toMatchObject([{ severity: "warning", rule: "json", line: 1, column: 1 }]);
  });

  it("keeps the digits of versions in JSON, written as strings or as numbers", () => {
    const labels = '{"a": "9007199254740993", "b": 9007199254740993}';
    const both = [
      `{"modelConfigList": {"config": [{"versionLabels": ${labels}}]}}`,
      `{"models": [{"name": "", "basePath": "", "versionLabels": ${labels}}]}`,
    ];
    for (const text of both) {
      expect(readConfig(text).config).toMatchObject({
        models: [{ versionLabels: { a: 9007199254740993n, b: 9007199254740993n } }],
      });
    }
  });

  it("converts wrappers in both spellings, base64, enums and doubles", () => {
    expect(
      readConfig('{"max_batch_size": {"value": 8}, "batchTimeoutMicros": "5", "allowedBatchSizes": []}').config,
    ).toEqual({
      maxBatchSize: 8,
      batchTimeoutMicros: 5,
      allowedBatchSizes: [],
    });
    expect(readConfig('{"customModelConfig": {"typeUrl": "x", "value": "AAH/"}}').config).toEqual({
      models: [],
      customModelConfig: { typeUrl: "x", value: Uint8Array.of(0, 1, 255) },
    });
    const model = `{"modelType": 1, "loggingConfig": {"samplingConfig": {"samplingRate": "NaN", "attributes": -1}}}`;
    expect(readConfig(`{"modelConfigList": {"config": [${model}]}}`).config).toMatchObject({
      models: [
        { modelType: "TENSORFLOW", loggingConfig: { samplingConfig: { samplingRate: Number.NaN, attributes: -1 } } },
      ],
    });
  });

  it("warns of a label that is there twice, and says where", () => {
    const text =
      "model_config_list { config {\n version_labels { key: 'a' value: 1 }\n version_labels { key: 'a' value: 2 } } }";
    expect(readConfig(text).warnings).toMatchObject([{ rule: "repeated-key", line: 3, column: 17 }]);
  });

  it.each([
    ["models[0]", 2, 10],
    ["models[0].name", 2, 12],
    ['models[0].versionLabels["a"]', 3, 18],
    ["models[0].versionPolicy", 4, 3],
    ["models[0].versionPolicy.specific", undefined, undefined],
  ])("knows that %s is in line %s", (path, line, column) => {
    const { placeOf } = readConfig(`model_config_list {
  config { name: 'm'
  version_labels { key: 'a' value: 1 }
  model_version_policy { all {} }
} }`);
    expect(placeOf(path)).toEqual(line === undefined ? undefined : { line, column });
  });
});
