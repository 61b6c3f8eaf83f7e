import type { BatchingParameters } from "./batching-parameters.ts";
import { checkBatching } from "./check-batching.ts";
import { checkModels } from "./check-models.ts";
import { checkMonitoring } from "./check-monitoring.ts";
import type { CheckOptions } from "./check-options.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { ConfigSyntaxError } from "./config-syntax-error.ts";
import type { ModelServerConfig } from "./model-server-config.ts";
import type { MonitoringConfig } from "./monitoring-config.ts";
import { readConfig } from "./read-config.ts";
import { type ConfigKind, ROOTS } from "./schema.ts";
import { toTextMessage } from "./to-text-message.ts";

/**
 * What the server would refuse in a configuration, and what it would take and not do as one might think: each with the
 * reason and what to do. In the order of the file; empty when nothing is wrong.
 *
 * A text is read first, so that each problem has its line and column; what cannot be read is a problem too.
 * @see docs/config.md for the rules, each with its source
 */
export function check(
  config: string | ModelServerConfig | BatchingParameters | MonitoringConfig,
  options: CheckOptions = {},
): ConfigProblem[] {
  return typeof config === "string" ? checkText(config, options) : checkValue(config, options);
}

function checkText(text: string, options: CheckOptions): ConfigProblem[] {
  try {
    const { kind, config, warnings, placeOf } = readConfig(text, { kind: options.kind });
    const problems = checkValue(config, { ...options, kind });
    return [...warnings, ...problems.map((problem) => ({ ...problem, ...placeOfNearest(problem.path, placeOf) }))];
  } catch (error) {
    if (!(error instanceof ConfigSyntaxError)) throw error;
    const { line, column, rawMessage: reason } = error;
    const remedy = "correct the file: the server stops at the same place and does not start";
    return [{ severity: "error", rule: "syntax", path: "", reason, remedy, line, column }];
  }
}

/** The place of a member, or of what it is missing in. */
function placeOfNearest(path: string, placeOf: ReturnType<typeof readConfig>["placeOf"]): object {
  for (let nearest = path; nearest !== ""; nearest = nearest.replace(/(\.\w+|\[[^[]*\])$|^\w+$/, "")) {
    const place = placeOf(nearest);
    if (place !== undefined) return place;
  }
  return { line: 1, column: 1 };
}

function checkValue(config: unknown, options: CheckOptions): ConfigProblem[] {
  const kind = options.kind ?? kindOfValue(config);
  const problems: ConfigProblem[] = [];
  toTextMessage(config, ROOTS[kind], (path, reason) => {
    problems.push({ severity: "error", rule: "shape", path, reason, remedy: "correct it: no file can hold this" });
  });
  // The rules below look into members, so these have to be what they say.
  if (problems.length > 0) return problems;
  switch (kind) {
    case "model":
      return checkModels(config as ModelServerConfig, options);
    case "batching":
      return checkBatching(config as BatchingParameters);
    case "monitoring":
      return checkMonitoring(config as MonitoringConfig);
  }
}

function kindOfValue(config: unknown): ConfigKind {
  if (typeof config !== "object" || config === null) return "model";
  if ("models" in config || "customModelConfig" in config) return "model";
  return "prometheus" in config ? "monitoring" : "batching";
}
