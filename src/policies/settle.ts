import { afterMicrotasks } from "../internal/after-microtasks.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import { promiseOf } from "../internal/promise-of.ts";

const OVER = new Error("the call has ended");

/**
 * The law of calls: the promise settles exactly once, and with the reason of the cancellation when that fires first,
 * whatever `work` does then. A result that comes later is dropped. When the promise has settled the cancellation is
 * used up, so that nothing of the call goes on behind it: an attempt that somebody stopped waiting for is cancelled,
 * a new one does not start.
 *
 * Work that obeys a cancellation at once is waited for, so that it can write down how its attempt ended. That takes
 * promise jobs and no time; work that hangs is left behind after them.
 *
 * `tidy` is called once, right before the promise settles.
 */
export function settle<T>(cancellation: Cancellation, work: () => Promise<T>, tidy: () => void = nothing): Promise<T> {
  if (cancellation.cancelled) {
    tidy();
    return Promise.reject(cancellation.reason);
  }
  return new Promise<T>((resolve, reject) => {
    let ended = false;
    const onCancel = () => afterMicrotasks(fail);
    /** Whether this is the first end; the reason of a cancellation goes before any other. */
    const end = (): boolean => {
      if (ended) return false;
      ended = true;
      cancellation.forget(onCancel);
      tidy();
      return true;
    };
    const fail = (error?: unknown) => {
      if (!end()) return;
      reject(cancellation.cancelled ? cancellation.reason : error);
      cancellation.cancel(OVER);
    };
    const succeed = (value: T) => {
      if (cancellation.cancelled) fail();
      else if (end()) {
        resolve(value);
        cancellation.cancel(OVER);
      }
    };
    cancellation.follow(onCancel);
    promiseOf(work).then(succeed, fail);
  });
}

function nothing(): void {}
