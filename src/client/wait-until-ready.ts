import type { Logger } from "../contract/logger.ts";
import type { ModelVersionStatus } from "../contract/model-status.ts";
import type { Code } from "../errors/code.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { quote } from "../internal/quote.ts";
import { sleep } from "../internal/sleep.ts";
import type { Readiness } from "./readiness.ts";

const LONGEST_PAUSE_FACTOR = 16;

/** One wait for one model. */
export interface Wait {
  readonly model: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly pollIntervalMs: number;
  /** Written as the wait goes on, for the text of a timeout. */
  lastSeen: string | undefined;
}

/**
 * Looks until the model is ready. The pause between two looks doubles up to sixteen times the first one. `look` asks the
 * server once, and rejects for what no waiting will change.
 *
 * @throws ServingError with the server's reason when loading has failed
 */
export async function waitUntilReady(
  wait: Wait,
  look: () => Promise<Readiness>,
  cancellation: Cancellation,
): Promise<ModelVersionStatus> {
  const { clock, logger, model, pollIntervalMs } = wait;
  let pauseMs = pollIntervalMs;
  for (;;) {
    const readiness = await look();
    if (readiness.kind === "ready") return readiness.status;
    if (readiness.kind === "failed") throw loadingFailed(model, readiness.status);
    if (readiness.lastSeen !== wait.lastSeen) logger.info?.("waiting until a model is ready", { model });
    wait.lastSeen = readiness.lastSeen;
    await sleep(clock, pauseMs, cancellation);
    pauseMs = Math.min(pauseMs * 2, pollIntervalMs * LONGEST_PAUSE_FACTOR);
  }
}

/** The wait's own deadline has come. */
export function notReadyInTime(model: string, timeoutMs: number, lastSeen: string | undefined): ServingError {
  const seen = lastSeen === undefined ? "nothing was seen of it" : `last seen: ${lastSeen}`;
  return new ServingError(`${quote(model)} was not ready within timeoutMs ${timeoutMs}; ${seen}`, {
    code: "DEADLINE_EXCEEDED",
    kind: "timeout",
    operation: "waitUntilReady",
    model,
  });
}

function loadingFailed(model: string, { version, error }: ModelVersionStatus): ServingError {
  const code: Code = error === undefined || error.code === "OK" ? "UNKNOWN" : error.code;
  return new ServingError(`version ${version} of ${quote(model)} failed to load: ${error?.message ?? ""}`, {
    code,
    kind: "internal",
    operation: "waitUntilReady",
    model,
    retryable: false,
  });
}
