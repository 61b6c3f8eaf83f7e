import type { ErrorKind } from "../errors/kind.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Attempt } from "./attempt.ts";
import type { HealthCheckResult } from "./health-report.ts";
import { oneLine } from "./one-line.ts";

/** What one look found, before it is stamped with the time. */
export type Verdict = Omit<HealthCheckResult, "time">;

type FailedAttempt = Extract<Attempt<unknown>, { ok: false }>;

export function pass(output: string, observed: Pick<Verdict, "observedValue" | "observedUnit"> = {}): Verdict {
  return { status: "pass", ...observed, output };
}

export function fail(output: string, observed: Pick<Verdict, "observedValue" | "observedUnit"> = {}): Verdict {
  return { status: "fail", ...observed, output };
}

/** What a person can do about a failure, where the error's own text does not say it. */
const ADVICE: Readonly<Partial<Record<ErrorKind, string>>> = {
  unavailable: "is the server running, past loading its models (its ports open after that), and is the address right?",
  overloaded: "the server refuses work for now: send less, or run more replicas",
  protocol: "is this the right port (gRPC is 8500, REST 8501) and the right scheme?",
  tls: "check the certificates, the server name, and that this port speaks TLS",
  auth: "check the credentials and what they are allowed to do",
  too_large: "raise maxMessageBytes, or check with a smaller input",
  closed: "make a new client: this one can no longer look",
  unsupported: "check over the other wire, or give inputs that this one can carry",
};

/** These say something about the asker only, so the server's health stays unknown. */
const SAYS_NOTHING: readonly ErrorKind[] = ["closed", "unsupported"];

/** A failed request as a verdict: what was tried, what went wrong, what to do. */
export function fromFailure(tried: string, failure: FailedAttempt): Verdict {
  const observed = { observedValue: toMilliseconds(failure.durationMs), observedUnit: "ms" };
  const { error } = failure;
  if (failure.timedOut || isTimeout(error)) {
    const endless = "the server hangs or is too slow: look at its load, or give timeoutMs more";
    return fail(`${tried}: no answer within ${observed.observedValue} ms; ${endless}`, observed);
  }
  if (!(error instanceof ServingError)) {
    return fail(
      `${tried}: ${oneLine(error instanceof Error ? `${error.name}: ${error.message}` : "an unknown failure")}`,
    );
  }
  const advice = ADVICE[error.kind];
  const output = `${tried}: ${oneLine(error.message)}${advice === undefined ? "" : `; ${advice}`}`;
  return { status: SAYS_NOTHING.includes(error.kind) ? "inconclusive" : "fail", ...observed, output };
}

function isTimeout(error: unknown): boolean {
  return error instanceof ServingError && error.kind === "timeout";
}

/** Milliseconds for a reader: hundredths are enough. */
export function toMilliseconds(durationMs: number): number {
  return Math.round(durationMs * 100) / 100;
}
