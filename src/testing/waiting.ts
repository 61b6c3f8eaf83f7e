import type { Cancellation } from "../internal/cancellation.ts";
import { ServerError } from "./server-error.ts";

/** Resolves after the delay; rejects at once when the cancellation fires, and leaves no timer behind either way. */
export function pause(delayMs: number, cancellation: Cancellation): Promise<void> {
  return new Promise((resolve, reject) => {
    let release = (): void => {};
    const timer = setTimeout(() => {
      release();
      resolve();
    }, delayMs);
    release = cancellation.onCancel((reason) => {
      clearTimeout(timer);
      reject(reason);
    });
  });
}

/** Never resolves; rejects when the cancellation fires. */
export function hang(cancellation: Cancellation): Promise<never> {
  return new Promise((_, reject) => {
    cancellation.onCancel(reject);
  });
}

/**
 * The work's outcome, or DEADLINE_EXCEEDED if the moment comes first. The work itself is not stopped: the server goes
 * on computing for nobody, too.
 *
 * @param deadlineAt on `performance.now()`'s time; `Infinity` for none
 * @see tensorflow/core/common_runtime/direct_session.cc WaitForNotification
 */
export async function settleBefore<T>(work: Promise<T>, deadlineAt: number, cancellation: Cancellation): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let release = (): void => {};
  try {
    return await new Promise<T>((resolve, reject) => {
      work.then(resolve, reject);
      release = cancellation.onCancel(reject);
      const remainingMs = Math.max(0, deadlineAt - performance.now());
      // A longer timer would overflow to 1 ms; nothing that may take 24 days needs one.
      if (remainingMs >= 2 ** 31) return;
      const expire = () => reject(new ServerError("DEADLINE_EXCEEDED", "Timed out waiting for notification"));
      timer = setTimeout(expire, remainingMs);
    });
  } finally {
    clearTimeout(timer);
    release();
  }
}
