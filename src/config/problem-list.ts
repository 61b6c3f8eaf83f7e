import type { ConfigProblem, ConfigRule } from "./config-problem.ts";

/** Adds one problem: how bad, which rule, which member, what is so, what to do. */
export type Say = (
  severity: ConfigProblem["severity"],
  rule: ConfigRule,
  path: string,
  reason: string,
  remedy: string,
) => void;

/** A list of problems, and what rules fill it with. */
export function openProblemList(): { readonly problems: ConfigProblem[]; readonly say: Say } {
  const problems: ConfigProblem[] = [];
  return {
    problems,
    say: (severity, rule, path, reason, remedy) => void problems.push({ severity, rule, path, reason, remedy }),
  };
}
