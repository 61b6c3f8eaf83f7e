import { afterMicrotasks } from "../internal/after-microtasks.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import { promiseOf } from "../internal/promise-of.ts";

const OVER = new Error("the call has ended");

/** What a piece of work comes to. */
export type Outcome<T> = { readonly result: T } | { readonly error: unknown };

/**
 * The law of calls: the promise settles exactly once, and with the reason of the cancellation when that fires first,
 * whatever the work does then. A result that comes later is dropped. When the promise has settled the cancellation is
 * used up, so that nothing of the call goes on behind it: an attempt that somebody stopped waiting for is cancelled,
 * a new one does not start.
 *
 * Work that obeys a cancellation at once is waited for, so that it can write down how its attempt ended. That takes
 * promise jobs and no time; work that hangs is left behind after them.
 *
 * One object and two promises, since there is one for each call.
 */
export abstract class Settlement<T> {
  readonly #cancellation: Cancellation;
  #resolve: ((result: T) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(cancellation: Cancellation) {
    this.#cancellation = cancellation;
  }

  /** Called once, right before the promise settles. */
  protected abstract ending(outcome: Outcome<T>): void;

  /** Begins the work, unless it is cancelled already. May be called once. */
  run(work: () => Promise<T>): Promise<T> {
    const cancellation = this.#cancellation;
    if (cancellation.cancelled) {
      this.ending({ error: cancellation.reason });
      return Promise.reject(cancellation.reason);
    }
    return new Promise<T>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      cancellation.follow(this);
      promiseOf(work).then(
        (result) => this.#succeed(result),
        (error: unknown) => this.#fail(error),
      );
    });
  }

  onCancel(): void {
    afterMicrotasks(() => this.#fail(undefined));
  }

  #succeed(result: T): void {
    const resolve = this.#resolve;
    if (resolve === undefined) return;
    if (this.#cancellation.cancelled) this.#fail(undefined);
    else this.#end({ result }, resolve, result);
  }

  /** The reason of a cancellation goes before any other. */
  #fail(failure: unknown): void {
    const reject = this.#reject;
    if (reject === undefined) return;
    const error = this.#cancellation.cancelled ? this.#cancellation.reason : failure;
    this.#end({ error }, reject, error);
  }

  #end<V>(outcome: Outcome<T>, settle: (value: V) => void, value: V): void {
    this.#resolve = undefined;
    this.#reject = undefined;
    this.#cancellation.forget(this);
    try {
      this.ending(outcome);
    } finally {
      settle(value);
      this.#cancellation.cancel(OVER);
    }
  }
}
