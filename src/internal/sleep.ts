import type { Cancellation } from "./cancellation.ts";
import type { Clock } from "./clock.ts";

/** Resolves after `delayMs`; rejects with the cancellation's reason as soon as that fires, and leaves no timer then. */
export function sleep(clock: Clock, delayMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = clock.setTimeout(() => {
      release();
      resolve();
    }, delayMs);
    const release = cancellation.onCancel((reason) => {
      clock.clearTimeout(timer);
      reject(reason);
    });
  });
}
