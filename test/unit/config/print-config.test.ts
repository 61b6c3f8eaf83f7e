import { describe, expect, it } from "vitest";
import { parseModelConfig } from "../../../src/config/parse-config.ts";
import { printBatching, printModelConfig, printMonitoring } from "../../../src/config/print-config.ts";
import type { VersionPolicy } from "../../../src/contract/reload-config.ts";

describe("printModelConfig", () => {
  it("writes a file as the server's own documentation does", () => {
    const text = printModelConfig({
      models: [
        {
          name: "m",
          basePath: "/models/m",
          versionPolicy: { specific: [46, 47n] },
          versionLabels: { stable: 46, canary: 2n ** 63n - 1n },
        },
        { name: "other", basePath: "gs://b/o", platform: "tensorflow", versionPolicy: "all" },
      ],
    });
    expect(text).toBe(`model_config_list {
  config {
    name: "m"
    base_path: "/models/m"
    model_platform: "tensorflow"
    model_version_policy {
      specific {
        versions: 46
        versions: 47
      }
    }
    version_labels {
      key: "stable"
      value: 46
    }
    version_labels {
      key: "canary"
      value: 9223372036854775807
    }
  }
  config {
    name: "other"
    base_path: "gs://b/o"
    model_platform: "tensorflow"
    model_version_policy {
      all {}
    }
  }
}
`);
  });

  it("fills in the platform only where nothing is said", () => {
    const platformIn = (fields: object) =>
      /model_platform: (.*)/.exec(printModelConfig({ models: [{ name: "m", basePath: "/m", ...fields }] }))?.[1];
    expect(platformIn({})).toBe('"tensorflow"');
    expect(platformIn({ platform: undefined })).toBe('"tensorflow"');
    expect(platformIn({ platform: "other" })).toBe('"other"');
    expect(platformIn({ platform: "" })).toBe(undefined);
    expect(platformIn({ modelType: "TENSORFLOW" })).toBe(undefined);
  });

  it("escapes what ends a string, what cannot be seen and what turns the direction of writing", () => {
    const name = 'q"\\\n\t\0\u0085\u202e\u200bü😀';
    const text = printModelConfig({ models: [{ name, basePath: "/" }] });
    expect(text).toContain('name: "q\\"\\\\\\n\\t\\000\\302\\205\\342\\200\\256\\342\\200\\213ü😀"');
    expect(parseModelConfig(text).models[0]?.name).toBe(name);
  });

  it("writes an empty list as one, which unloads everything", () => {
    expect(printModelConfig({ models: [] })).toBe("model_config_list {}\n");
  });

  it("writes a count of 0 as none, and version 0 as it is", () => {
    const policyOf = (versionPolicy: VersionPolicy) =>
      /policy (\{.*\n {4}\})/s.exec(printModelConfig({ models: [{ name: "", basePath: "", versionPolicy }] }))?.[1];
    expect(policyOf({ latest: 0 })).toBe("{\n      latest {}\n    }");
    expect(policyOf({ specific: [0] })).toBe("{\n      specific {\n        versions: 0\n      }\n    }");
  });

  it("writes packed bytes that are no text", () => {
    const packed = { typeUrl: "type.googleapis.com/a.B", value: Uint8Array.of(0, 65, 34, 92, 255) };
    const text = printModelConfig({ models: [], customModelConfig: packed });
    expect(text).toBe(
      'custom_model_config {\n  type_url: "type.googleapis.com/a.B"\n  value: "\\000A\\"\\\\\\377"\n}\n',
    );
    expect(parseModelConfig(text)).toEqual({ models: [], customModelConfig: packed });
  });
});

describe("printBatching", () => {
  it("wraps what may be left out, and writes nothing else", () => {
    expect(printBatching({ maxBatchSize: 128, batchTimeoutMicros: 0, allowedBatchSizes: [1, 128] })).toBe(
      "max_batch_size {\n  value: 128\n}\nbatch_timeout_micros {\n  value: 0\n}\nallowed_batch_sizes: 1\nallowed_batch_sizes: 128\n",
    );
    expect(printBatching({})).toBe("");
  });
});

describe("printMonitoring", () => {
  it("says whether metrics are served, also where they are not", () => {
    expect(printMonitoring({ prometheus: { enable: false } })).toBe("prometheus_config {\n  enable: false\n}\n");
    expect(printMonitoring({ prometheus: { enable: true, path: "/m" } })).toBe(
      'prometheus_config {\n  enable: true\n  path: "/m"\n}\n',
    );
    expect(printMonitoring({})).toBe("");
  });
});
