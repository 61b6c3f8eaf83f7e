/** What a check found. `inconclusive`: nothing was found out, good or bad. */
export type HealthStatus = "pass" | "warn" | "fail" | "inconclusive";

/** How deep a check goes, in rising order of cost: each level includes the ones before it. */
export type HealthLevel = "connect" | "alive" | "loaded" | "predicts" | "stable";

/** One thing that was looked at. Field names follow health+json. */
export interface HealthCheckResult {
  readonly status: HealthStatus;
  /** What was measured: a latency, a version, a largest difference. */
  readonly observedValue?: number | string;
  readonly observedUnit?: string;
  /** One line for a person: what was found and, unless it passed, what to do. */
  readonly output: string;
  /** When it was looked at, in ISO 8601. */
  readonly time: string;
}

/**
 * What `check()` says, in the field names of health+json.
 *
 * `checks` holds, as far as the check came: `connect` (at that level alone: the others imply it), `alive` (a status request was answered), `loaded` (the wanted version is
 * AVAILABLE), `predicts` (a prediction came back in time), `outputs` (names, dtypes and shapes are the signature's),
 * `finite` (no NaN, no infinity), `expected` (the values are the wanted ones) and `stable` (memory has settled).
 *
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export interface HealthReport {
  /** The worst of `checks`: `fail` before `inconclusive` before `warn` before `pass`. */
  readonly status: HealthStatus;
  readonly level: HealthLevel;
  readonly checks: Readonly<Record<string, HealthCheckResult>>;
  /** One line for a person: the worst thing found, or what was proven. */
  readonly output: string;
  /** When the oldest of `checks` was looked at, in ISO 8601. */
  readonly time: string;
  /** How old the oldest of `checks` is, in milliseconds: above 0 when a prediction made earlier was used again. */
  readonly ageMs: number;
  /** How many predictions this health check has sent since it was made: each one costs the server work. */
  readonly predictions: number;
  /** Levels `predicts` and `stable`: whether the inputs were made up: zeros or random ones. */
  readonly synthetic?: boolean;
}

/** `fail` outranks `inconclusive`: one proven fault is enough. */
const RANK: Readonly<Record<HealthStatus, number>> = { pass: 0, warn: 1, inconclusive: 2, fail: 3 };

/** The check that decides: the first of the worst ones. There must be one at least. */
export function worstOf(checks: readonly HealthCheckResult[]): HealthCheckResult {
  return checks.reduce((worst, check) => (RANK[check.status] > RANK[worst.status] ? check : worst));
}
