import { afterMicrotasks } from "../internal/after-microtasks.ts";
import type { Cancellation } from "../internal/cancellation.ts";

const OVER = new Error("the call has ended");

/**
 * The law of calls: the promise settles exactly once, and with the reason of the cancellation when that fires first,
 * whatever `work` does then. A result that comes later is dropped. When the promise has settled the cancellation is
 * used up, so that nothing of the call goes on behind it: an attempt that somebody stopped waiting for is cancelled,
 * a new one does not start.
 *
 * Work that obeys a cancellation at once is waited for, so that it can write down how its attempt ended. That takes
 * promise jobs and no time; work that hangs is left behind after them.
 */
export function settle<T>(cancellation: Cancellation, work: () => Promise<T>): Promise<T> {
  if (cancellation.cancelled) return Promise.reject(cancellation.reason);
  return new Promise<T>((resolve, reject) => {
    let ended = false;
    const end = (result: () => void) => {
      if (ended) return;
      ended = true;
      release();
      result();
      cancellation.cancel(OVER);
    };
    const cancelled = () => end(() => reject(cancellation.reason));
    const release = cancellation.onCancel(() => afterMicrotasks(cancelled));
    work().then(
      (value) => (cancellation.cancelled ? cancelled() : end(() => resolve(value))),
      (error: unknown) => (cancellation.cancelled ? cancelled() : end(() => reject(error))),
    );
  });
}
