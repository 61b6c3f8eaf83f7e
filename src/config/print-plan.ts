import type { FileModelConfig } from "./model-server-config.ts";
import { describePolicy } from "./plan.ts";
import { printable } from "./printable.ts";
import type { LabelChange, ModelChange, ReloadPlan } from "./reload-plan.ts";

/**
 * A plan for people: a line for each model that is added (`+`), changed (`~`), unloaded (`-`) or set without it being
 * known what was there (`=`), what changes under it, and a count of those that stay. Problems are not in it: they are
 * the caller's to show. Ends without a newline.
 */
export function printPlan({ changes, unchanged }: ReloadPlan): string {
  const lines = changes.flatMap(linesOf);
  if (changes.length === 0) lines.push("nothing changes");
  if (unchanged.length > 0) lines.push(`${unchanged.length} unchanged: ${unchanged.map(printable).join(", ")}`);
  return lines.join("\n");
}

function linesOf(change: ModelChange): string[] {
  const name = printable(change.model);
  switch (change.action) {
    case "add":
      return [`+ ${name}  added`, ...describeModel(change.to)];
    case "set":
      return [`= ${name}`, ...describeModel(change.to)];
    case "unload":
      return [`- ${name}  unloaded`, ...describeModel(change.from)];
    case "change":
      return [`~ ${name}  changed`, ...describeChange(change)];
  }
}

function describeModel({ basePath, platform, versionPolicy, versionLabels = {} }: FileModelConfig): string[] {
  const labels = Object.entries(versionLabels).map(([label, version]) => `${printable(label)} = ${version}`);
  return [
    `    path      ${printable(basePath)}`,
    ...(platform && platform !== "tensorflow" ? [`    platform  ${printable(platform)}`] : []),
    `    versions  ${describePolicy(versionPolicy)}`,
    ...(labels.length === 0 ? [] : [`    labels    ${labels.join(", ")}`]),
  ];
}

function describeChange(change: Extract<ModelChange, { action: "change" }>): string[] {
  const { basePath, platform, versionPolicy, loads = [], unloads = [], labels = [] } = change;
  const moves = [
    ...(loads.length === 0 ? [] : [`loads ${loads.join(", ")}`]),
    ...(unloads.length === 0 ? [] : [`unloads ${unloads.join(", ")}`]),
  ];
  return [
    ...(basePath ? [`    path      ${printable(basePath.from)} -> ${printable(basePath.to)}`] : []),
    ...(platform ? [`    platform  ${printable(platform.from)} -> ${printable(platform.to)}`] : []),
    ...(versionPolicy
      ? [`    versions  ${describePolicy(versionPolicy.from)} -> ${describePolicy(versionPolicy.to)}`]
      : []),
    ...(moves.length === 0 ? [] : [`              ${moves.join(", ")}`]),
    ...labels.map((change) => `    label     ${describeLabel(change)}`),
  ];
}

function describeLabel({ label, from, to }: LabelChange): string {
  if (from === undefined) return `${printable(label)} = ${to}`;
  return to === undefined ? `${printable(label)} removed (was ${from})` : `${printable(label)} ${from} -> ${to}`;
}
