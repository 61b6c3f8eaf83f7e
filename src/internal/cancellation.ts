/** What is told of a cancellation: a function, or an object that is there anyway. */
export type CancelListener = ((reason: unknown) => void) | { onCancel(reason: unknown): void };

/**
 * A one-shot "stop now" that a call carries down to the socket. It does what an AbortSignal does at a tenth of the
 * cost, holds its listeners itself and forgets them when the call ends, so nothing stays on the caller's signal.
 */
export class Cancellation {
  #reason: unknown;
  #cancelled = false;
  /** In the order in which they came. A call has two mostly, its promise and its wire: a set costs more than both. */
  #first: CancelListener | undefined;
  #second: CancelListener | undefined;
  #others: Set<CancelListener> | undefined;

  get cancelled(): boolean {
    return this.#cancelled;
  }

  /** What the call shall reject with; undefined until cancelled. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Tells every listener, once. Later calls do nothing. */
  cancel(reason: unknown): void {
    if (this.#cancelled) return;
    this.#cancelled = true;
    this.#reason = reason;
    const first = this.#first;
    const second = this.#second;
    const others = this.#others;
    this.#first = undefined;
    this.#second = undefined;
    this.#others = undefined;
    if (first !== undefined) tell(first, reason);
    if (second !== undefined) tell(second, reason);
    if (others) for (const listener of others) tell(listener, reason);
  }

  /** Calls `listener` on cancel, at once if that has happened. Returns the way to take it back. */
  onCancel(listener: CancelListener): () => void {
    this.follow(listener);
    return () => this.forget(listener);
  }

  /** The same for who holds the listener anyway, and takes it back with `forget`. */
  follow(listener: CancelListener): void {
    if (this.#cancelled) tell(listener, this.#reason);
    else if (this.#first === listener || this.#second === listener) return;
    else if (this.#others !== undefined) this.#others.add(listener);
    else if (this.#second !== undefined) this.#others = new Set([listener]);
    else if (this.#first !== undefined) this.#second = listener;
    else this.#first = listener;
  }

  forget(listener: CancelListener): void {
    if (this.#first === listener) {
      this.#first = this.#second;
      this.#second = undefined;
    } else if (this.#second === listener) this.#second = undefined;
    else this.#others?.delete(listener);
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }
}

function tell(listener: CancelListener, reason: unknown): void {
  if (typeof listener === "function") listener(reason);
  else listener.onCancel(reason);
}

/** A cancellation that can fire alone and fires with its parent. `detach` lets go of the parent. */
export function childOf(parent: Cancellation): { readonly cancellation: Cancellation; detach(): void } {
  const cancellation = new Cancellation();
  return { cancellation, detach: parent.onCancel((reason) => cancellation.cancel(reason)) };
}
