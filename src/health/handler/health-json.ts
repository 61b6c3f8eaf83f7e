import type { HealthReport, HealthStatus } from "../health-report.ts";

/** An answer to a probe, for any framework. */
export interface HealthAnswer {
  /** 200 for pass and warn, 503 else. */
  readonly status: 200 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

/** Probes must see the server, not a cache on the way. */
const HEADERS = { "content-type": "application/health+json; charset=utf-8", "cache-control": "no-store" };

/**
 * A report as health+json. That has no word for `inconclusive`: it is `fail`, and `verdict` says what it was.
 *
 * @see https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
 */
export function toHealthAnswer(report: HealthReport, model: string, details: boolean): HealthAnswer {
  const { status, output, level, time, ageMs, predictions } = report;
  const short = { status: jsonStatus(status), verdict: status, output, level, time, ageMs };
  const checks = Object.entries(report.checks).map(([name, result]) => [
    name.includes(":") ? name : `${model}:${name}`,
    [{ componentType: "component", ...result, status: jsonStatus(result.status), verdict: result.status }],
  ]);
  const body = details ? { ...short, predictions, checks: Object.fromEntries(checks) } : short;
  return answerOf(status, body);
}

/** An answer where there is no report to give. */
export function toBareAnswer(status: HealthStatus, output: string): HealthAnswer {
  return answerOf(status, { status: jsonStatus(status), verdict: status, output });
}

function answerOf(status: HealthStatus, body: object): HealthAnswer {
  const healthy = status === "pass" || status === "warn";
  return { status: healthy ? 200 : 503, headers: HEADERS, body: `${JSON.stringify(body)}\n` };
}

function jsonStatus(status: HealthStatus): "pass" | "warn" | "fail" {
  return status === "inconclusive" ? "fail" : status;
}
