import { describe, expect, it } from "vitest";
import { parseBatching, parseModelConfig, parseMonitoring } from "../../../src/config/parse-config.ts";

const bare = { name: "", basePath: "", platform: "" };
const model = (fields: string) => parseModelConfig(`model_config_list { config { ${fields} } }`).models[0];

describe("parseModelConfig", () => {
  it("reads all that a model can have into the words of a reload", () => {
    const text = `
      # Models of the shop.
      model_config_list {
        config {
          name: "half_plus_two"   # the first one
          base_path: "/models/half_plus_two"
          model_platform: "tensorflow"
          model_version_policy { specific { versions: 46 versions: 47 } }
          version_labels { key: "stable" value: 46 }
          version_labels { key: "canary" value: 47 }
        }
        config { name: "other" base_path: "gs://bucket/other" model_platform: "tensorflow" model_version_policy { all {} } }
        config { name: "third" base_path: "/m" model_platform: "tensorflow" model_version_policy { latest { num_versions: 2 } } }
      }`;
    expect(parseModelConfig(text)).toEqual({
      models: [
        {
          name: "half_plus_two",
          basePath: "/models/half_plus_two",
          platform: "tensorflow",
          versionPolicy: { specific: [46, 47] },
          versionLabels: { stable: 46, canary: 47 },
        },
        { name: "other", basePath: "gs://bucket/other", platform: "tensorflow", versionPolicy: "all" },
        { name: "third", basePath: "/m", platform: "tensorflow", versionPolicy: { latest: 2 } },
      ],
    });
  });

  it("gives empty text for what is left out, and no policy for an empty one", () => {
    expect(model("")).toEqual(bare);
    expect(model("model_version_policy {}")).toEqual(bare);
    expect(model("model_version_policy { latest {} }")).toEqual({ ...bare, versionPolicy: { latest: 0 } });
    expect(model("model_version_policy { specific {} }")).toEqual({ ...bare, versionPolicy: { specific: [] } });
  });

  it("reads an empty file and an empty list as no models", () => {
    for (const text of ["", "# nothing", "model_config_list {}", "model_config_list { config [] }"])
      expect(parseModelConfig(text)).toEqual({ models: [] });
  });

  it("keeps versions exact above 2^53", () => {
    const fields = "model_version_policy { specific { versions: 9007199254740993 } }";
    expect(model(fields)).toMatchObject({ versionPolicy: { specific: [9007199254740993n] } });
    expect(model('version_labels { key: "a" value: 9223372036854775807 }')).toMatchObject({
      versionLabels: { a: 9223372036854775807n },
    });
  });

  it("keeps labels named like members of every object apart from them", () => {
    const labels = model('version_labels { key: "__proto__" value: 1 } version_labels { key: "toString" value: 2 }');
    expect(Object.entries(labels?.versionLabels ?? {})).toEqual([
      ["__proto__", 1],
      ["toString", 2],
    ]);
    expect(Object.getPrototypeOf(labels?.versionLabels)).toBe(null);
  });

  it("takes the last of two labels of one name, and the default for a part that is missing", () => {
    const fields = 'version_labels [{ key: "a" value: 1 }, { key: "b" }, { value: 4 }, { key: "a" value: 3 }]';
    expect(model(fields)?.versionLabels).toEqual({ a: 3, b: 0, "": 4 });
  });

  it("reads what only files have: the deprecated type, logging, packed messages", () => {
    const logging = `logging_config {
      log_collector_config { type: "file" filename_prefix: "/tmp/log" }
      sampling_config { sampling_rate: 0.5 attributes: 3 per_task_sampling_configs { dc: "a" task_index: -1 sampling_rate: 1 } }
      custom_logging_config { type_url: "type.googleapis.com/a.B" value: "\\001\\xff" }
    }`;
    expect(model(`model_type: TENSORFLOW ${logging}`)).toEqual({
      ...bare,
      modelType: "TENSORFLOW",
      loggingConfig: {
        logCollectorConfig: { type: "file", filenamePrefix: "/tmp/log" },
        samplingConfig: {
          samplingRate: 0.5,
          attributes: 3,
          perTaskSamplingConfigs: [{ dc: "a", taskIndex: -1, samplingRate: 1 }],
        },
        customLoggingConfig: { typeUrl: "type.googleapis.com/a.B", value: Uint8Array.of(1, 255) },
      },
    });
    expect(parseModelConfig('custom_model_config { type_url: "x/y" }')).toEqual({
      models: [],
      customModelConfig: { typeUrl: "x/y", value: new Uint8Array() },
    });
  });

  it.each([
    ["TENSORFLOW", "TENSORFLOW"],
    ["1", "TENSORFLOW"],
    ["0x2", "OTHER"],
    ["7", 7],
    ["-1", -1],
  ])("reads the enum value %s", (text, value) => {
    expect(model(`model_type: ${text}`)?.modelType).toBe(value);
  });
});

describe("parseBatching", () => {
  it("unwraps what may be left out, and tells 0 from nothing", () => {
    const text = `
      max_batch_size { value: 128 }
      batch_timeout_micros { value: 0 }
      max_enqueued_batches {}
      num_batch_threads: { value: 8 }
      thread_pool_name { value: "pool" }
      enable_large_batch_splitting { value: true }
      max_execution_batch_size < value: 0x40 >
      allowed_batch_sizes: [1, 2]
      allowed_batch_sizes: 128
      pad_variable_length_inputs: t`;
    expect(parseBatching(text)).toEqual({
      maxBatchSize: 128,
      batchTimeoutMicros: 0,
      maxEnqueuedBatches: 0,
      numBatchThreads: 8,
      threadPoolName: "pool",
      enableLargeBatchSplitting: true,
      maxExecutionBatchSize: 64,
      allowedBatchSizes: [1, 2, 128],
      padVariableLengthInputs: true,
    });
    expect(parseBatching("")).toEqual({});
    expect(parseBatching("enable_large_batch_splitting {} thread_pool_name {}")).toEqual({
      enableLargeBatchSplitting: false,
      threadPoolName: "",
    });
  });
});

describe("parseMonitoring", () => {
  it("reads whether metrics are served, and where", () => {
    expect(parseMonitoring('prometheus_config { enable: true, path: "/metrics" }')).toEqual({
      prometheus: { enable: true, path: "/metrics" },
    });
    expect(parseMonitoring("prometheus_config {}")).toEqual({ prometheus: { enable: false } });
    expect(parseMonitoring("")).toEqual({});
  });
});
