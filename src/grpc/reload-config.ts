import { ReloadConfigRequest, ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
import type { FileSystemStoragePathSourceConfig_ServableVersionPolicy as WirePolicy } from "#generated/tensorflow_serving/config/file_system_storage_path_source.ts";
import type { ModelConfig as WireModelConfig } from "#generated/tensorflow_serving/config/model_server_config.ts";
import type { ModelConfig, VersionPolicy } from "../contract/reload-config.ts";
import { toStatusName } from "../errors/code.ts";
import { ServingError } from "../errors/serving-error.ts";
import { type Codec, decodingControl } from "./codec.ts";
import { toVersion } from "./model-spec.ts";
import { printable } from "./wire/printable.ts";
import { toOutgoing } from "./wire/wire-writer.ts";

/** Replaces the server's whole configuration. @see tensorflow_serving/apis/model_management.proto */
export const reloadConfigCodec: Codec<"reloadConfig"> = {
  path: "/tensorflow.serving.ModelService/HandleReloadConfigRequest",
  encode: (request) =>
    toOutgoing(
      ReloadConfigRequest.encode({
        // The list is there even when it is empty: without it the server would refuse the whole request.
        config: { config: { $case: "modelConfigList", value: { config: request.config.models.map(toModelConfig) } } },
        metricNames: [],
      }).finish(),
    ),
  decode: (bytes) => {
    const { status } = decodingControl("ReloadConfigResponse", bytes, () => ReloadConfigResponse.decode(bytes));
    if (status !== undefined && status.errorCode !== 0) {
      // The stock server reports failures as the status of the call; the field is there, so it is believed.
      const name = toStatusName(status.errorCode) ?? "UNKNOWN";
      throw new ServingError(printable(status.errorMessage), {
        code: name === "OK" ? "UNKNOWN" : name,
        kind: "internal",
      });
    }
    return {};
  },
};

function toModelConfig(model: ModelConfig): WireModelConfig {
  return {
    name: model.name,
    basePath: model.basePath,
    modelType: 0,
    // A new model without a platform makes the server refuse every later reload.
    modelPlatform: model.platform ?? "tensorflow",
    modelVersionPolicy: model.versionPolicy === undefined ? undefined : toPolicy(model.versionPolicy),
    versionLabels: new Map(
      Object.entries(model.versionLabels ?? {}).map(([label, version]) => [label, toVersion(version, "versionLabels")]),
    ),
    loggingConfig: undefined,
  };
}

function toPolicy(policy: VersionPolicy): WirePolicy {
  if (policy === "all") return { policyChoice: { $case: "all", value: {} } };
  if ("latest" in policy) return { policyChoice: { $case: "latest", value: { numVersions: policy.latest } } };
  const versions = policy.specific.map((version) => toVersion(version, "versionPolicy.specific"));
  return { policyChoice: { $case: "specific", value: { versions } } };
}
