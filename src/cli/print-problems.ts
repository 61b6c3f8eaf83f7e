import type { ConfigProblem } from "../config.ts";
import { type Output, printable, wrap } from "./output.ts";

/** Problems as compilers print them: the place, how bad, what is so, the rule; and under it what to do. */
export function printProblems(output: Output, problems: readonly ConfigProblem[], file: string): void {
  for (const { severity, rule, path, reason, remedy, line, column } of problems) {
    const place = line === undefined ? path : `${file}:${line}:${column}`;
    const start = place === "" ? "" : `${printable(place)}: `;
    for (const text of wrap(`${start}${severity}: ${printable(reason)} [${rule}]`, "")) output.line(text);
    for (const text of wrap(printable(remedy), "    ")) output.line(text);
  }
}

/** `1 error, 2 warnings` */
export function countProblems(problems: readonly ConfigProblem[]): string {
  const count = (severity: ConfigProblem["severity"]) => {
    const number = problems.filter((problem) => problem.severity === severity).length;
    return `${number} ${severity}${number === 1 ? "" : "s"}`;
  };
  return `${count("error")}, ${count("warning")}`;
}

export function hasErrors(problems: readonly ConfigProblem[]): boolean {
  return problems.some(({ severity }) => severity === "error");
}
