import type { ModelStatusResponse } from "../contract/model-status.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Attempt } from "./attempt.ts";
import { fromFailure, pass, toMilliseconds, type Verdict } from "./verdict.ts";

/** Level `connect`: a connection stands, TLS and the protocol included. */
export function judgeConnect(endpoint: string, connected: Attempt<void>): Verdict {
  if (!connected.ok) return fromFailure(`cannot connect to ${endpoint}`, connected);
  return pass(`${endpoint} can be reached`, {
    observedValue: toMilliseconds(connected.durationMs),
    observedUnit: "ms",
  });
}

/** Level `alive`: any answer in the server's own words will do, "no such model" included. */
export function judgeAlive(endpoint: string, status: Attempt<ModelStatusResponse>): Verdict {
  const observed = { observedValue: toMilliseconds(status.durationMs), observedUnit: "ms" };
  if (status.ok || isNotFound(status.error)) return pass(`${endpoint} answers`, observed);
  return fromFailure(`${endpoint} does not answer a status request`, status);
}

/** The server's own "no such model": an answer, not a failure. */
export function isNotFound(error: unknown): boolean {
  return error instanceof ServingError && error.code === "NOT_FOUND";
}
