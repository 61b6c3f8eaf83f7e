import type { Retry } from "./retry-decision.ts";

/** The pauses between tries, in milliseconds. */
export interface BackoffSettings {
  readonly baseDelayMs: number;
  readonly throttleDelayMs: number;
  readonly maxDelayMs: number;
  /** From 0 up to 1, without 1. */
  readonly random: () => number;
}

/**
 * The pause before the retry that follows `earlierRetries` others: any time up to the base doubled that many times, so
 * that callers who failed together do not come back together. What the peer asked for comes on top of that, not in
 * place of it, for the same reason.
 *
 * @see https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
 */
export function backoffMs(
  settings: BackoffSettings,
  pace: Retry["pace"],
  earlierRetries: number,
  retryAfterMs: number | undefined,
): number {
  if (pace === "now") return retryAfterMs ?? 0;
  const base = pace === "throttle" ? settings.throttleDelayMs : settings.baseDelayMs;
  const most = Math.min(settings.maxDelayMs, base * 2 ** earlierRetries);
  return settings.random() * most + (retryAfterMs ?? 0);
}
