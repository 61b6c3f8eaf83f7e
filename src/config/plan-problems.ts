import type { Version } from "../contract/model-spec.ts";
import { quote, quoteWhole } from "../internal/quote.ts";
import type { ConfigProblem } from "./config-problem.ts";
import type { FileModelConfig, ModelServerConfig } from "./model-server-config.ts";
import { openProblemList, type Say } from "./problem-list.ts";
import type { ModelChange, PlanOptions, ReloadPlan } from "./reload-plan.ts";

/**
 * What the step from one configuration to another meets on the server, beyond what is wrong with the new one.
 *
 * @see tensorflow_serving/model_servers/server_core.cc ServerCore::ReloadConfig
 * @see tensorflow_serving/core/aspired_versions_manager.cc SetAspiredVersions
 */
export function planProblems(
  from: ModelServerConfig | undefined,
  to: ModelServerConfig,
  { changes }: Pick<ReloadPlan, "changes">,
  options: PlanOptions,
): ConfigProblem[] {
  const { problems, say } = openProblemList();
  const indexOf = new Map(to.models.map(({ name }, index) => [name, index]));
  const pathOf = (name: string) => `models[${indexOf.get(name)}]`;
  if (from === undefined) {
    const reason =
      "it is not known what the server serves now: every model that is not in this configuration is unloaded";
    say("warning", "unknown-baseline", "", reason, "compare with the configuration in force (--from FILE)");
  }
  const before = new Map((from?.models ?? []).map((model) => [model.name, model]));
  sayUnloads(namesOf(changes, "unload"), say);
  sayWaits(namesOf(changes, "add"), say);
  for (const change of changes) if (change.action === "change") sayChange(pathOf(change.model), change, say);
  sayNotAwaited(changes, say);
  if (!options.allowUnavailableLabels) {
    for (const model of to.models) checkTargets(model, before.get(model.name), pathOf(model.name), from, options, say);
  } else {
    for (const change of changes) checkMoves(change, before.get(change.model), pathOf(change.model), options, say);
  }
  return problems;
}

function namesOf(changes: readonly ModelChange[], action: ModelChange["action"]): string[] {
  return changes.filter((change) => change.action === action).map(({ model }) => model);
}

/** `"a", "b" and 3 more`. */
function listed(names: readonly string[]): string {
  const shown = names.slice(0, 10).map(quote).join(", ");
  return names.length > 10 ? `${shown} and ${names.length - 10} more` : shown;
}

function sayUnloads(names: readonly string[], say: Say): void {
  if (names.length === 0) return;
  const reason = `a reload replaces the whole configuration: what it leaves out is unloaded, here ${listed(names)}`;
  say("warning", "unloads", "", reason, "keep the entries of models that shall stay");
}

function sayWaits(names: readonly string[], say: Say): void {
  if (names.length === 0) return;
  const reason = `the call waits until each new model (${listed(names)}) has a version that is loaded or has failed; while a directory is missing or holds no version, this and every later reload hangs`;
  say("warning", "waits-for-new-model", "", reason, "make sure that the server sees the directories before the reload");
}

function sayNotAwaited(changes: readonly ModelChange[], say: Say): void {
  const names = changes
    .filter((change) => change.action === "change" && (change.basePath ?? change.versionPolicy) !== undefined)
    .map(({ model }) => model);
  if (names.length === 0) return;
  const reason = `the call does not wait for versions of names that the server knows (${listed(names)}): OK does not mean that they are loaded`;
  say("warning", "not-awaited", "", reason, "ask for the models' status until the versions are AVAILABLE");
}

function sayChange(path: string, change: Extract<ModelChange, { action: "change" }>, say: Say): void {
  const { basePath, platform, model } = change;
  if (platform !== undefined) {
    const reason = `the platform of ${quote(model)} changes from ${quote(platform.from)}: the server refuses that for a name it knows`;
    say("error", "changed-platform", `${path}.platform`, reason, "unload the model first, or give it another name");
  }
  if (basePath !== undefined) {
    const reason = `the path of ${quote(model)} changes: a version whose number is loaded already stays as it is and is not loaded from the new path`;
    say("warning", "same-version-new-path", `${path}.basePath`, reason, "give versions new numbers there");
  }
}

/** Labels are checked before anything is loaded, so a version that this reload brings is too late for them. */
function checkTargets(
  model: FileModelConfig,
  old: FileModelConfig | undefined,
  path: string,
  from: ModelServerConfig | undefined,
  options: PlanOptions,
  say: Say,
): void {
  for (const [label, version] of Object.entries(model.versionLabels ?? {})) {
    const where = `${path}.versionLabels[${quoteWhole(label)}]`;
    const isNewModel = from !== undefined && old === undefined;
    sayTarget(availability(model.name, version, old, isNewModel, options), model.name, label, version, where, say);
  }
}

/** With the flag a label that is not in use may point anywhere; one that moves may not. */
function checkMoves(
  change: ModelChange,
  old: FileModelConfig | undefined,
  path: string,
  options: PlanOptions,
  say: Say,
): void {
  if (change.action !== "change") return;
  for (const { label, from, to } of change.labels ?? []) {
    if (from === undefined || to === undefined) continue;
    const where = `${path}.versionLabels[${quoteWhole(label)}]`;
    sayTarget(availability(change.model, to, old, false, options), change.model, label, to, where, say);
  }
}

type Availability = "yes" | "no" | "unknown";

function availability(
  name: string,
  version: Version,
  old: FileModelConfig | undefined,
  isNewModel: boolean,
  { available }: PlanOptions,
): Availability {
  const isVersion = (other: Version) => BigInt(other) === BigInt(version);
  const known = available !== undefined && Object.hasOwn(available, name) ? available[name] : undefined;
  if (known !== undefined) return known.some(isVersion) ? "yes" : "no";
  if (isNewModel) return "no";
  if (Object.values(old?.versionLabels ?? {}).some(isVersion)) return "yes";
  const policy = old?.versionPolicy;
  if (typeof policy === "object" && "specific" in policy && !policy.specific.some(isVersion)) return "no";
  return "unknown";
}

function sayTarget(state: Availability, model: string, label: string, version: Version, where: string, say: Say): void {
  if (state === "yes") return;
  const shown = `the label ${quote(label)} of ${quote(model)}`;
  if (state === "no") {
    const reason = `${shown} points to version ${version}, which is not loaded before this reload: the server refuses it (FAILED_PRECONDITION), with the new configuration stored already`;
    const remedy = "two steps: a reload that loads the version, and when it is AVAILABLE one that sets the label";
    say("error", "label-not-loaded", where, reason, remedy);
  } else {
    const reason = `${shown} points to version ${version}, and whether that is loaded now is not known: the server refuses the label if it is not`;
    say("warning", "label-not-loaded", where, reason, "make sure that the version is AVAILABLE before the reload");
  }
}
