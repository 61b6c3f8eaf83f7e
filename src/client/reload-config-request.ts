import type { Version } from "../contract/model-spec.ts";
import type { ModelConfig, ReloadConfigRequest, VersionPolicy } from "../contract/reload-config.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import type { ServingError } from "../errors/serving-error.ts";
import { describeValue } from "../internal/describe-value.ts";
import { quote } from "../internal/quote.ts";
import { checkKeys } from "./check-keys.ts";
import { nameProblem, versionProblem } from "./check-model-choice.ts";

const MODEL_KEYS = ["name", "basePath", "platform", "versionPolicy", "versionLabels"];

/**
 * Checks a configuration before it replaces the server's, and fills in the platform. The server stores some of what it
 * refuses, and then refuses every later reload: the mistakes that can be seen from here never leave.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming the member
 * @see tensorflow_serving/model_servers/server_core.cc ServerCore::ReloadConfig
 */
export function toReloadConfigRequest(request: ReloadConfigRequest): ReloadConfigRequest {
  checkKeys(request, ["config"], "reloadConfig: the request");
  checkKeys(request.config, ["models"], "reloadConfig: config");
  const given: unknown = request.config.models;
  if (!Array.isArray(given))
    throw fail(`config.models must be an array, got ${describeValue(given)}; an empty one unloads every model`);
  const names = new Set<string>();
  const models = Array.from(given as unknown[], (model, index) => {
    const checked = toModelConfig(model, `config.models[${index}]`);
    if (names.has(checked.name)) throw fail(`config.models has two entries named ${quote(checked.name)}`);
    names.add(checked.name);
    return checked;
  });
  return { config: { models } };
}

function toModelConfig(model: unknown, where: string): ModelConfig {
  checkKeys(model, MODEL_KEYS, `reloadConfig: ${where}`);
  const { name, basePath, platform, versionPolicy, versionLabels } = model as Partial<ModelConfig>;
  const problem = nameProblem(name, `${where}.name`);
  if (problem !== undefined) throw fail(problem);
  if (typeof basePath !== "string" || !/^(\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/.test(basePath)) {
    throw fail(
      `${where}.basePath must be an absolute path or a URI such as gs://bucket/model, got ${describeValue(basePath)}`,
    );
  }
  if (platform !== undefined && (typeof platform !== "string" || platform === "")) {
    throw fail(
      `${where}.platform must be a non-empty string, got ${describeValue(platform)}; leave it out for "tensorflow"`,
    );
  }
  const policy = toVersionPolicy(versionPolicy, `${where}.versionPolicy`);
  const labels = toVersionLabels(versionLabels, policy, `${where}.versionLabels`);
  return {
    name: name as string,
    basePath,
    platform: platform ?? "tensorflow",
    ...(policy === undefined ? {} : { versionPolicy: policy }),
    ...(labels === undefined ? {} : { versionLabels: labels }),
  };
}

function toVersionPolicy(policy: unknown, where: string): VersionPolicy | undefined {
  if (policy === undefined || policy === "all") return policy;
  const wanted = '"all", { latest: count } or { specific: versions }';
  if (typeof policy !== "object" || policy === null || Array.isArray(policy))
    throw fail(`${where} must be ${wanted}, got ${describeValue(policy)}`);
  checkKeys(policy, ["latest", "specific"], `reloadConfig: ${where}`);
  const { latest, specific } = policy as { latest?: unknown; specific?: unknown };
  if ((latest === undefined) === (specific === undefined)) {
    throw fail(`${where} must be ${wanted}, got ${latest === undefined ? "neither" : "both latest and specific"}`);
  }
  if (latest !== undefined) {
    const most = 2 ** 32 - 1;
    if (!Number.isInteger(latest) || (latest as number) < 1 || (latest as number) > most) {
      throw fail(`${where}.latest must be a whole number from 1 to ${most}, got ${describeValue(latest)}`);
    }
    return { latest: latest as number };
  }
  if (!Array.isArray(specific))
    throw fail(`${where}.specific must be an array of versions, got ${describeValue(specific)}`);
  if (specific.length === 0)
    throw fail(
      `${where}.specific must name at least one version: the server would unload the model; leave the model out for that`,
    );
  return {
    specific: Array.from(specific as unknown[], (version, index) =>
      checkVersion(version, `${where}.specific[${index}]`),
    ),
  };
}

function toVersionLabels(
  labels: unknown,
  policy: VersionPolicy | undefined,
  where: string,
): Record<string, Version> | undefined {
  if (labels === undefined) return undefined;
  if (typeof labels !== "object" || labels === null || Array.isArray(labels))
    throw fail(`${where} must be an object of versions by label, got ${describeValue(labels)}`);
  const checked: Record<string, Version> = Object.create(null);
  for (const [label, given] of Object.entries(labels)) {
    const problem = nameProblem(label, `${where}: a label`);
    if (problem !== undefined) throw fail(problem);
    const version = checkVersion(given, `${where}[${quote(label)}]`);
    if (
      typeof policy === "object" &&
      "specific" in policy &&
      !policy.specific.some((listed) => BigInt(listed) === BigInt(version))
    ) {
      throw fail(`${where}[${quote(label)}] is version ${version}, which versionPolicy.specific does not list`);
    }
    checked[label] = version;
  }
  return checked;
}

function checkVersion(version: unknown, where: string): Version {
  const problem = versionProblem(version, where);
  if (problem !== undefined) throw fail(problem);
  return version as Version;
}

function fail(problem: string): ServingError {
  return invalidArgument(`reloadConfig: ${problem}`);
}
