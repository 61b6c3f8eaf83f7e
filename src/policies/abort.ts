import type { Cancellation } from "../internal/cancellation.ts";

/** What follows a signal until it lets go of it, which may be said twice. */
export interface Following {
  letGo(): void;
}

/**
 * Cancels with the signal's reason when the caller's signal aborts, at once if it has. All that follow one signal share
 * one listener, however many they are: Node.js warns of a leak at the eleventh. They are told in the order in which they
 * came, and when the last has let go nothing is left on the signal. It is never dispatched to.
 */
export function followSignal(signal: AbortSignal | undefined, cancellation: Cancellation): Following {
  if (signal === undefined) return NOBODY;
  if (signal.aborted) {
    cancellation.cancel(signal.reason);
    return NOBODY;
  }
  let followers = FOLLOWED.get(signal);
  if (followers === undefined) {
    followers = new Followers(signal);
    FOLLOWED.set(signal, followers);
  }
  return followers.add(cancellation);
}

const NOBODY: Following = { letGo() {} };

/** The signals that are followed now. */
const FOLLOWED = new WeakMap<AbortSignal, Followers>();

/** A list of those that follow one signal, so that each leaves in one step, however many there are. */
class Followers {
  readonly #signal: AbortSignal;
  readonly #onAbort = (): void => this.#tellAll();
  #first: Follower | undefined;
  #last: Follower | undefined;

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#onAbort);
  }

  add(cancellation: Cancellation): Follower {
    const follower = new Follower(this, cancellation, this.#last);
    if (this.#last === undefined) this.#first = follower;
    else this.#last.next = follower;
    this.#last = follower;
    return follower;
  }

  remove({ previous, next }: Follower): void {
    if (previous === undefined) this.#first = next;
    else previous.next = next;
    if (next === undefined) this.#last = previous;
    else next.previous = previous;
    if (this.#first !== undefined) return;
    this.#signal.removeEventListener("abort", this.#onAbort);
    FOLLOWED.delete(this.#signal);
  }

  /** Whoever lets go meanwhile is not told any more; whoever comes meanwhile finds the signal aborted. */
  #tellAll(): void {
    const { reason } = this.#signal;
    for (let follower = this.#first; follower !== undefined; follower = this.#first) {
      follower.letGo();
      tell(follower.cancellation, reason);
    }
  }
}

class Follower implements Following {
  readonly cancellation: Cancellation;
  previous: Follower | undefined;
  next: Follower | undefined;
  /** Undefined once it has let go. */
  #list: Followers | undefined;

  constructor(list: Followers, cancellation: Cancellation, previous: Follower | undefined) {
    this.#list = list;
    this.cancellation = cancellation;
    this.previous = previous;
    this.next = undefined;
  }

  letGo(): void {
    const list = this.#list;
    this.#list = undefined;
    list?.remove(this);
  }
}

/** What one throws is nobody's to catch, as with any listener of an event; the others are told all the same. */
function tell(cancellation: Cancellation, reason: unknown): void {
  try {
    cancellation.cancel(reason);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
