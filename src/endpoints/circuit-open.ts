import { setRetryFacts } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * No circuit lets a call through. Nothing was sent, so it is `unavailable` like a refused connection; the text says
 * when the next call is tried, and after what.
 */
export function circuitOpen(all: readonly Endpoint[], now: number): ServingError {
  const hosts = all.filter(({ draining }) => !draining);
  const parts = hosts.map(({ address, breaker, lastFault }) => {
    const waitMs = Math.ceil(breaker?.retryInMs(now) ?? 0);
    const when = breaker?.state === "half-open" ? "a call is trying it now" : `tried again in ${waitMs} ms`;
    return `${address}, ${when}${lastFault === undefined ? "" : `, last: [${lastFault.code}] ${lastFault.message}`}`;
  });
  const error = new ServingError(`circuit open: ${parts.join("; ")}`, { code: "UNAVAILABLE", kind: "unavailable" });
  // Waiting for the next trial is what an open circuit saves its callers.
  return setRetryFacts(error, { delivery: "never", again: "no" });
}
