import type { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";

/**
 * Waits for work that cannot be stopped: not beyond a cancellation, whose reason it then rejects with, nor beyond
 * `limitMs`, for which `late` makes the error. The work goes on unheard.
 */
export function within<T>(
  work: Promise<T>,
  cancellation: Cancellation,
  limit: { readonly clock: Clock; readonly limitMs: number; readonly late: () => unknown },
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer =
      limit.limitMs < 2 ** 31
        ? limit.clock.setTimeout(() => {
            release();
            reject(limit.late());
          }, limit.limitMs)
        : undefined;
    const release = cancellation.onCancel((reason) => {
      limit.clock.clearTimeout(timer);
      reject(reason);
    });
    work
      .finally(() => {
        release();
        limit.clock.clearTimeout(timer);
      })
      .then(resolve, reject);
  });
}
