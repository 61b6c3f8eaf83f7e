type Listener = (reason: unknown) => void;

/**
 * A one-shot "stop now" that a call carries down to the socket. It does what an AbortSignal does at a tenth of the
 * cost, holds its listeners itself and forgets them when the call ends, so nothing stays on the caller's signal.
 */
export class Cancellation {
  #reason: unknown;
  #cancelled = false;
  /** Nearly every call has one listener at a time; a set for it alone would be a good part of what a call costs. */
  #listener: Listener | undefined;
  /** Those behind the first one. */
  #others: Set<Listener> | undefined;

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
    const listener = this.#listener;
    const others = this.#others;
    this.#listener = undefined;
    this.#others = undefined;
    listener?.(reason);
    if (others) for (const other of others) other(reason);
  }

  /** Calls `listener` on cancel, at once if that has happened. Returns the way to take it back. */
  onCancel(listener: Listener): () => void {
    if (this.#cancelled) {
      listener(this.#reason);
      return () => {};
    }
    if (this.#listener === undefined && this.#others === undefined) this.#listener = listener;
    else if (this.#listener !== listener) {
      this.#others ??= new Set();
      this.#others.add(listener);
    }
    return () => {
      if (this.#listener === listener) this.#listener = undefined;
      else this.#others?.delete(listener);
    };
  }

  throwIfCancelled(): void {
    if (this.#cancelled) throw this.#reason;
  }
}

/** A cancellation that can fire alone and fires with its parent. `detach` lets go of the parent. */
export function childOf(parent: Cancellation): { readonly cancellation: Cancellation; detach(): void } {
  const cancellation = new Cancellation();
  return { cancellation, detach: parent.onCancel((reason) => cancellation.cancel(reason)) };
}
