import type { SoakReport } from "./leak/soak-report.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Level `stable`: what a soak means for the gate before a rollout. A suspicion that a fuse or nothing more than too few
 * predictions left open does not pass: it fails where the fuse blew, and is inconclusive else.
 */
export function judgeStable(report: SoakReport): Verdict {
  const { bytesPerPrediction, output } = report;
  return {
    status: statusOf(report),
    ...(bytesPerPrediction === undefined
      ? {}
      : { observedValue: Math.round(bytesPerPrediction), observedUnit: "B/prediction" }),
    output,
  };
}

function statusOf({ verdict, end }: SoakReport): Verdict["status"] {
  if (verdict === "stable") return "pass";
  return verdict === "leak" || end === "fuse" ? "fail" : "inconclusive";
}
