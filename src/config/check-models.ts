import type { Version } from "../contract/model-spec.ts";
import type { VersionPolicy } from "../contract/reload-config.ts";
import { quote, quoteWhole } from "../internal/quote.ts";
import type { CheckOptions } from "./check-options.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { FileModelConfig, ModelServerConfig } from "./model-server-config.ts";
import { DEFAULT_PLATFORM } from "./plain-names.ts";
import { openProblemList, type Say } from "./problem-list.ts";

/** A path of the server's file system, or of another one by its scheme. */
const ABSOLUTE = /^(\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/;

const LONGEST_NAME_BYTES = 256;

/**
 * The rules for a model config file, whose members are known to have the right types.
 *
 * @see tensorflow_serving/model_servers/server_core.cc ServerCore::ReloadConfig
 */
export function checkModels(config: ModelServerConfig, options: CheckOptions): ConfigProblem[] {
  const { problems, say } = openProblemList();
  if (config.customModelConfig !== undefined) {
    say(
      "error",
      "custom-model-config",
      "customModelConfig",
      "a server as it is released has no loader for custom_model_config: INVALID_ARGUMENT, at start and at a reload",
      "list the models in model_config_list",
    );
  } else if (config.models.length === 0) {
    say(
      "warning",
      "no-models",
      "models",
      "no model is configured: a server that starts with this serves nothing, one that reloads it unloads everything",
      "list at least one model",
    );
  }
  const first = new Map<string, number>();
  for (const [index, model] of config.models.entries()) {
    const path = `models[${index}]`;
    checkName(model, path, first.get(model.name), say);
    if (!first.has(model.name)) first.set(model.name, index);
    checkBasePath(model, `${path}.basePath`, say);
    checkPlatform(model, path, options.platforms ?? [DEFAULT_PLATFORM], say);
    checkPolicy(model.versionPolicy, `${path}.versionPolicy`, say);
    checkLabels(model, `${path}.versionLabels`, options, say);
    if (model.loggingConfig !== undefined) {
      say(
        "error",
        "logging-config",
        `${path}.loggingConfig`,
        'a server as it is released has no request logger: INVALID_ARGUMENT "No request-logger-creator provided.", at a reload after the models have changed',
        "leave logging_config out",
      );
    }
  }
  return problems;
}

function checkName({ name }: FileModelConfig, path: string, before: number | undefined, say: Say): void {
  if (name === "") {
    say("error", "missing-name", path, "the model has no name, and no request can ask for it", "give it a name");
  } else if (before !== undefined) {
    const reason = `models[${before}] is called ${quote(name)} too: the server refuses a list with one name twice`;
    say("error", "duplicate-name", `${path}.name`, reason, "keep one; several versions of a model are one entry");
  } else if (name === "." || name === ".." || /\p{Cc}/u.test(name) || Buffer.byteLength(name) > LONGEST_NAME_BYTES) {
    const reason = `the name ${quote(name)} cannot be asked for with every client: dots, control characters and more than ${LONGEST_NAME_BYTES} bytes do not survive a URL`;
    say("warning", "unreachable-name", `${path}.name`, reason, "name it with letters, digits, _ and -");
  }
}

function checkBasePath({ basePath }: FileModelConfig, path: string, say: Say): void {
  if (!ABSOLUTE.test(basePath)) {
    const found = basePath === "" ? "there is no base path" : `the base path ${quote(basePath)} is relative`;
    const reason = `${found}: the server refuses all but absolute paths and URIs`;
    say("error", "relative-base-path", path, reason, "write it from / on, or with its scheme, as gs://bucket/model");
  } else if (/\/\d+\/*$/.test(basePath)) {
    const reason = `${quote(basePath)} ends in a number: it looks like the directory of one version, and the server looks for versions in it`;
    say("warning", "version-as-base-path", path, reason, "name the directory above; versionPolicy chooses versions");
  }
}

function checkPlatform(
  { platform = DEFAULT_PLATFORM, modelType }: FileModelConfig,
  path: string,
  known: readonly string[],
  say: Say,
): void {
  if (modelType !== undefined && modelType !== "MODEL_TYPE_UNSPECIFIED" && modelType !== 0) {
    const remedy = 'write model_platform: "tensorflow" and leave model_type out';
    const isTensorflow = modelType === "TENSORFLOW" || modelType === 1;
    if (platform !== "") {
      const reason = "model_type and model_platform are both there: the server refuses that";
      say("error", "model-type", `${path}.modelType`, reason, remedy);
    } else if (!isTensorflow) {
      const reason = `model_type ${modelType} is supported by no server as it is released`;
      say("error", "model-type", `${path}.modelType`, reason, remedy);
    } else {
      say("warning", "model-type", `${path}.modelType`, "model_type is deprecated", remedy);
    }
  } else if (platform === "") {
    const reason =
      "there is no model_platform: a server does not start with this, and one that reloads it for a new model refuses that reload and every later one until it is restarted";
    say("error", "missing-platform", path, reason, 'write model_platform: "tensorflow"');
  } else if (!known.includes(platform)) {
    const reason = `the server has no platform ${quote(platform)}: it refuses the configuration and, at a reload, keeps the bad entry`;
    say("error", "unknown-platform", `${path}.platform`, reason, `write ${known.map(quote).join(" or ")}`);
  }
}

function checkPolicy(policy: VersionPolicy | undefined, path: string, say: Say): void {
  if (policy === undefined || policy === "all") return;
  if ("latest" in policy) {
    if (policy.latest !== 0) return;
    say(
      "warning",
      "latest-zero",
      path,
      "latest without num_versions: the server reads 0 as 1",
      "write num_versions: 1",
    );
    return;
  }
  if (policy.specific.length === 0) {
    const reason = "specific names no version: the server takes that and unloads the model";
    say("error", "empty-specific", path, reason, "name the versions to serve, or leave the model out");
  }
  const seen = new Set<bigint>();
  for (const [index, version] of policy.specific.entries()) {
    const where = `${path}.specific[${index}]`;
    checkVersion(version, where, say);
    if (seen.has(BigInt(version)))
      say("warning", "repeated-version", where, `version ${version} is there twice`, "keep one");
    seen.add(BigInt(version));
  }
}

function checkLabels(
  { versionLabels = {}, versionPolicy }: FileModelConfig,
  path: string,
  { use = "start", allowUnavailableLabels = false }: CheckOptions,
  say: Say,
): void {
  const labels = Object.entries(versionLabels);
  for (const [label, version] of labels) {
    const where = `${path}[${quoteWhole(label)}]`;
    if (label === "") say("error", "empty-label", where, "a label is empty, and no request can ask for it", "name it");
    checkVersion(version, where, say);
    const shown = `the label ${quote(label)} is version ${version}`;
    if (versionPolicy === "all") continue;
    if (typeof versionPolicy === "object" && "specific" in versionPolicy) {
      if (versionPolicy.specific.some((listed) => BigInt(listed) === BigInt(version))) continue;
      const reason = `${shown}, which versionPolicy.specific does not list: the version is not loaded, and the server refuses the label`;
      say(
        "error",
        "label-without-version",
        where,
        reason,
        "list the version, or point the label at one that is listed",
      );
    } else {
      const count = versionPolicy?.latest || 1;
      const newest = count === 1 ? "the newest" : `among the newest ${count}`;
      const reason = `${shown}, which is served only while it is ${newest}: then the label leads nowhere`;
      say("warning", "label-not-pinned", where, reason, "list the labelled versions in versionPolicy.specific");
    }
  }
  if (labels.length === 0 || use === "reload" || allowUnavailableLabels) return;
  const reason =
    "labels in a file that a server starts with: nothing is loaded yet, so the server refuses them and ends";
  const remedy =
    "start it with --allow_version_labels_for_unavailable_models, or set labels by a reload once the versions are loaded";
  say("warning", "label-at-start", path, reason, remedy);
}

function checkVersion(version: Version, path: string, say: Say): void {
  if (version >= 0) return;
  const reason = `version ${version} is negative: no request can ask for it by number`;
  say("error", "negative-version", path, reason, "versions are whole numbers from 0, named as the directories are");
}
