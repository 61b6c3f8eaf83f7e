import type { HealthReport } from "../health.ts";
import { EXIT, type ExitCode } from "./exit-codes.ts";

/** What a report means for scripts. Nobody there is told apart from somebody there who is not well. */
export function reportExitCode({ status, checks }: HealthReport): ExitCode {
  if (status === "inconclusive") return EXIT.inconclusive;
  if (status !== "fail") return EXIT.ok;
  const isThere = checks["alive"]?.status !== "fail" && checks["connect"]?.status !== "fail";
  return isThere ? EXIT.unhealthy : EXIT.connect;
}
