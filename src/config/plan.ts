import type { Version } from "../contract/model-spec.ts";
import type { VersionPolicy } from "../contract/reload-config.ts";
import { describeType } from "../internal/describe-value.ts";
import { check } from "./check.ts";
import type { FileModelConfig, ModelServerConfig } from "./model-server-config.ts";
import { planProblems } from "./plan-problems.ts";
import type { Change, LabelChange, ModelChange, PlanOptions, ReloadPlan } from "./reload-plan.ts";

const DEFAULT_POLICY: VersionPolicy = { latest: 1 };

/**
 * What a reload from one configuration to another adds, changes and unloads. Nothing is asked of a server: it has no
 * call that tells its configuration, so `from` is the caller's word. With `undefined` for it the plan knows nothing of
 * what goes.
 *
 * A label can be set only on a version that is available before the reload. Where it points to one that the reload
 * itself would load, the plan has an error of the rule `label-not-loaded`: load first, wait, label with a second reload.
 * @throws TypeError when an argument is no model configuration
 */
export function plan(
  from: ModelServerConfig | undefined,
  to: ModelServerConfig,
  options: PlanOptions = {},
): ReloadPlan {
  const { allowUnavailableLabels, platforms } = options;
  const problems = check(to, { kind: "model", use: "reload", allowUnavailableLabels, platforms });
  checkArgument(from ?? { models: [] }, "from");
  checkArgument(to, "to");
  const before = new Map((from?.models ?? []).map((model) => [model.name, model]));
  const after = new Map(to.models.map((model) => [model.name, model]));
  const changes: ModelChange[] = [];
  const unchanged: string[] = [];
  for (const [name, model] of after) {
    const old = before.get(name);
    if (old === undefined) {
      changes.push({ action: from === undefined ? "set" : "add", model: name, to: model });
      continue;
    }
    const change = changeOf(old, model);
    if (change === undefined) unchanged.push(name);
    else changes.push(change);
  }
  for (const [name, model] of before) {
    if (!after.has(name)) changes.push({ action: "unload", model: name, from: model });
  }
  const found = { changes, unchanged, problems };
  return { ...found, problems: [...problems, ...planProblems(from, to, found, options)] };
}

function checkArgument(config: unknown, name: string): void {
  const models = typeof config === "object" && config !== null ? (config as { models?: unknown }).models : undefined;
  if (Array.isArray(models) && models.every((model) => typeof model?.name === "string")) return;
  throw new TypeError(
    `plan: ${name} must be a model configuration such as { models: [] }, got ${describeType(config)}`,
  );
}

/** Undefined when nothing changes. Defaults count as what they stand for. */
function changeOf(from: FileModelConfig, to: FileModelConfig): ModelChange | undefined {
  const policies = { from: from.versionPolicy ?? DEFAULT_POLICY, to: to.versionPolicy ?? DEFAULT_POLICY };
  const labels = labelChanges(from.versionLabels ?? {}, to.versionLabels ?? {});
  const platforms = { from: platformOf(from), to: platformOf(to) };
  const parts = {
    ...(from.basePath === to.basePath ? {} : { basePath: { from: from.basePath, to: to.basePath } }),
    ...(platforms.from === platforms.to ? {} : { platform: platforms }),
    ...policyChange(policies),
    ...(labels.length === 0 ? {} : { labels }),
  };
  return Object.keys(parts).length === 0 ? undefined : { action: "change", model: to.name, ...parts };
}

function policyChange({ from, to }: Change<VersionPolicy>): object {
  if (describePolicy(from) === describePolicy(to)) return {};
  const [old, now] = [specificOf(from), specificOf(to)];
  if (old === undefined || now === undefined) return { versionPolicy: { from, to } };
  const missingIn = (list: readonly Version[]) => (version: Version) =>
    !list.some((other) => BigInt(other) === BigInt(version));
  return { versionPolicy: { from, to }, loads: now.filter(missingIn(old)), unloads: old.filter(missingIn(now)) };
}

function labelChanges(from: Readonly<Record<string, Version>>, to: Readonly<Record<string, Version>>): LabelChange[] {
  const moved = Object.entries(to).flatMap(([label, version]): LabelChange[] => {
    const old = Object.hasOwn(from, label) ? from[label] : undefined;
    if (old === undefined) return [{ label, to: version }];
    return BigInt(old) === BigInt(version) ? [] : [{ label, from: old, to: version }];
  });
  const gone = Object.entries(from).filter(([label]) => !Object.hasOwn(to, label));
  return [...moved, ...gone.map(([label, version]): LabelChange => ({ label, from: version }))];
}

function platformOf({ platform }: FileModelConfig): string {
  return platform || "tensorflow";
}

/** The versions that a policy lists; undefined for the policies that list none. */
export function specificOf(policy: VersionPolicy | undefined): readonly Version[] | undefined {
  return typeof policy === "object" && "specific" in policy ? policy.specific : undefined;
}

/** `all`, `latest 2`, `specific 46, 47`, in ascending order: the server knows no other. */
export function describePolicy(policy: VersionPolicy = DEFAULT_POLICY): string {
  if (policy === "all") return "all";
  if ("latest" in policy) return `latest ${policy.latest || 1}`;
  const sorted = [...new Set(policy.specific.map(BigInt))].sort((a, b) => (a < b ? -1 : 1));
  return `specific ${sorted.length === 0 ? "(none)" : sorted.join(", ")}`;
}
