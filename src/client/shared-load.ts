import { Cancellation } from "../internal/cancellation.ts";

interface Load<T> {
  readonly promise: Promise<T>;
  readonly cancellation: Cancellation;
  waiters: number;
}

/**
 * One piece of work at a time, shared by everybody who asks while it is under way. One who leaves does not disturb
 * the others; when all have left it is cancelled. Nothing is kept of a result, good or bad: that is the caller's choice.
 */
export class SharedLoad<T> {
  readonly #start: (cancellation: Cancellation) => Promise<T>;
  #current: Load<T> | undefined;

  constructor(start: (cancellation: Cancellation) => Promise<T>) {
    this.#start = start;
  }

  /** Waits for the work under way, or begins it. `waiter` fires when this caller stops waiting. */
  async join(waiter: Cancellation): Promise<T> {
    waiter.throwIfCancelled();
    this.#current ??= this.#begin();
    const load = this.#current;
    load.waiters++;
    const release = waiter.onCancel(() => this.#leave(load));
    try {
      return await load.promise;
    } finally {
      release();
    }
  }

  #begin(): Load<T> {
    const cancellation = new Cancellation();
    const load: Load<T> = { promise: this.#start(cancellation), cancellation, waiters: 0 };
    const end = () => {
      if (this.#current === load) this.#current = undefined;
    };
    load.promise.then(end, end);
    return load;
  }

  #leave(load: Load<T>): void {
    load.waiters--;
    if (load.waiters > 0) return;
    if (this.#current === load) this.#current = undefined;
    load.cancellation.cancel(new Error("nobody waits for it any more"));
  }
}
