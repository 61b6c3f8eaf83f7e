import type { Cancellation } from "../internal/cancellation.ts";

const OVER = new Error("the call has ended");

/**
 * The law of calls: the promise settles exactly once, and at once when the cancellation fires, whatever `work` does.
 * A result that comes later is dropped. When the promise has settled the cancellation is used up, so that nothing of
 * the call goes on behind it: an attempt that somebody stopped waiting for is cancelled, a new one does not start.
 */
export function settle<T>(cancellation: Cancellation, work: () => Promise<T>): Promise<T> {
  if (cancellation.cancelled) return Promise.reject(cancellation.reason);
  return new Promise<T>((resolve, reject) => {
    const release = cancellation.onCancel(reject);
    const end = () => {
      release();
      cancellation.cancel(OVER);
    };
    work().then(
      (value) => {
        resolve(value);
        end();
      },
      (error: unknown) => {
        reject(error);
        end();
      },
    );
  });
}
