import type { HealthClock } from "./health-clock.ts";

/** How one request of a check ended; failures are values, because a check never throws for a sick server. */
export type Attempt<T> = { readonly durationMs: number } & (
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly timedOut: boolean; readonly error: unknown }
);

/** What a request is sent with. */
export interface AttemptOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** A probe that tries again hides the fault it looks for. */
  readonly maxRetries: 0;
}

/** One request, and when it is truly over: a client that is slow to give up must not be asked again meanwhile. */
export interface BoundedAttempt<T> {
  readonly result: Promise<Attempt<T>>;
  readonly settled: Promise<void>;
}

/**
 * Sends one request and settles at `deadlineAt` at the latest, whatever the client does: the request is aborted then,
 * and waited for no longer.
 */
export function attempt<T>(
  clock: HealthClock,
  deadlineAt: number,
  send: (options: AttemptOptions) => Promise<T>,
): BoundedAttempt<T> {
  const startedAt = clock.now();
  const timeoutMs = Math.max(0, deadlineAt - startedAt);
  const abort = new AbortController();
  const sent = (async () => send({ signal: abort.signal, timeoutMs, maxRetries: 0 }))();

  const result = new Promise<Attempt<T>>((resolve) => {
    const timer =
      timeoutMs === Number.POSITIVE_INFINITY
        ? undefined
        : clock.setTimeout(() => {
            const error = new Error("the time of this check is over");
            resolve({ ok: false, timedOut: true, error, durationMs: clock.now() - startedAt });
            abort.abort(error);
          }, timeoutMs);
    const end = (attempt: Attempt<T>) => {
      if (timer !== undefined) clock.clearTimeout(timer);
      resolve(attempt);
    };
    sent.then(
      (value) => end({ ok: true, value, durationMs: clock.now() - startedAt }),
      (error: unknown) => end({ ok: false, timedOut: false, error, durationMs: clock.now() - startedAt }),
    );
  });
  const settled = sent.then(
    () => {},
    () => {},
  );
  return { result, settled };
}
