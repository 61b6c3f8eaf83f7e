import { describe, expect, it } from "vitest";
import { parseModelConfig } from "../../../src/config/parse-config.ts";
import { toReloadConfig } from "../../../src/config/to-reload-config.ts";

describe("toReloadConfig", () => {
  it("gives what a reload takes, and the platform that the deprecated type stands for", () => {
    const config = parseModelConfig(`model_config_list {
      config { name: "a" base_path: "/a" model_type: TENSORFLOW version_labels { key: "s" value: 1 } }
      config { name: "b" base_path: "/b" model_platform: "tensorflow" model_version_policy { all {} } }
    }`);
    expect(toReloadConfig(config)).toEqual({
      models: [
        { name: "a", basePath: "/a", platform: "tensorflow", versionLabels: { s: 1 } },
        { name: "b", basePath: "/b", platform: "tensorflow", versionPolicy: "all" },
      ],
    });
  });
});
