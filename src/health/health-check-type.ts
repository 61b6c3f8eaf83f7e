import type { HealthLevel, HealthReport } from "./health-report.ts";

/** Looks at one model of one server, or at several, as often as asked. It holds no timer and no connection of its own. */
export interface HealthCheck {
  /** The model, or all of them with commas. */
  readonly model: string;
  /** How deep it looks; of several checks the deepest. */
  readonly level: HealthLevel;
  /**
   * Looks and reports within `timeoutMs`. It never rejects: a server that is down is a report with `fail`.
   * Calls made while one is under way share its outcome.
   *
   * `level` looks less deep than this check can, within that level's own default timeout: a liveness probe and a
   * readiness probe may share one check. @throws TypeError for a level deeper than its own
   */
  check(options?: { readonly level?: HealthLevel | undefined }): Promise<HealthReport>;
}
