import type { HealthCheck } from "./health-check-type.ts";
import { type CombinedHealthCheckOptions, type HealthCheckOptions, reaches } from "./health-options.ts";
import { type HealthCheckResult, type HealthLevel, type HealthReport, worstOf } from "./health-report.ts";
import { isRecord, OptionChecks } from "./option-checks.ts";

/** @throws TypeError for anything beside `checks`, and where there is none in it */
export function readCombined(options: CombinedHealthCheckOptions): Readonly<Record<string, HealthCheckOptions>> {
  const checks = new OptionChecks("createHealthCheck");
  checks.known(options, ["checks"]);
  if (!isRecord(options.checks) || Object.keys(options.checks).length === 0) {
    throw checks.wrong("checks", "an object of options by name, one at least", options.checks);
  }
  return options.checks;
}

/** Several checks as one: as well as the worst of them. */
export class CombinedHealthCheck implements HealthCheck {
  readonly model: string;
  readonly level: HealthLevel;
  readonly #members: readonly (readonly [name: string, check: HealthCheck])[];

  constructor(members: readonly (readonly [name: string, check: HealthCheck])[]) {
    this.#members = members;
    const checks = members.map(([, check]) => check);
    this.model = [...new Set(checks.map(({ model }) => model))].join(", ");
    this.level = checks
      .map(({ level }) => level)
      .reduce((deepest, level) => (reaches(level, deepest) ? level : deepest));
  }

  async check(options: { readonly level?: HealthLevel | undefined } = {}): Promise<HealthReport> {
    const level = options.level ?? this.level;
    if (!reaches(this.level, level)) {
      throw new TypeError(
        `check: level "${level}" is deeper than "${this.level}", which this health check was made for`,
      );
    }
    const reports = await Promise.all(
      this.#members.map(async ([name, check]) => {
        const report = await check.check({ level: reaches(check.level, level) ? level : check.level });
        return { name, report };
      }),
    );
    const checks: Record<string, HealthCheckResult> = Object.create(null);
    for (const { name, report } of reports) {
      for (const [part, result] of Object.entries(report.checks)) checks[`${name}:${part}`] = result;
    }
    const worst = worstOf(Object.values(checks));
    const passed = worst.status === "pass";
    const oldest = reports.reduce((one, other) => (other.report.ageMs > one.report.ageMs ? other : one)).report;
    return {
      status: worst.status,
      level,
      checks,
      output: passed ? `${reports.length} of ${reports.length} checks pass` : worst.output,
      time: oldest.time,
      ageMs: oldest.ageMs,
      predictions: reports.reduce((sum, { report }) => sum + report.predictions, 0),
      ...(reports.some(({ report }) => report.synthetic !== undefined)
        ? { synthetic: reports.some(({ report }) => report.synthetic === true) }
        : {}),
    };
  }
}
