import { closedError } from "../errors/closed.ts";
import { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { Deadline } from "../policies/deadline.ts";

/** What is under way, from `enter` to `leave`. */
export interface Stay {
  readonly cancellation: Cancellation;
  /** Of the lifetime's own. */
  place: number;
}

/** Which calls are under way, and whether new ones may begin: what `close` waits for and then ends. */
export class Lifetime {
  readonly #active: Stay[] = [];
  readonly #closing = new Cancellation();
  #drained: (() => void) | undefined;

  /** How many calls are under way. */
  get active(): number {
    return this.#active.length;
  }

  /** Fires when `close` begins: for waits that no call of the server keeps alive. */
  get closing(): Cancellation {
    return this.#closing;
  }

  /**
   * Takes a call in, until it leaves.
   *
   * @throws ServingError (kind `closed`) once `close` has begun; a part of a call that is under way is still let in
   */
  enter(stay: Stay, isPart: boolean): void {
    if (this.#closing.cancelled && !isPart) throw closedError("the client is closed");
    stay.place = this.#active.length;
    this.#active.push(stay);
  }

  /** The last one takes the place: a set would be made anew each time that it gets empty, which is with every lone call. */
  leave(stay: Stay): void {
    const last = this.#active.pop();
    if (last !== undefined && last !== stay) {
      last.place = stay.place;
      this.#active[stay.place] = last;
    }
    if (this.#active.length === 0) this.#drained?.();
  }

  /** Lets no more calls in, waits for those under way, and after `graceMs` ends the ones that are left. */
  async close(clock: Clock, graceMs: number): Promise<void> {
    this.#closing.cancel(closedError("the client was closed"));
    if (this.#active.length === 0) return;
    const drained = new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
    const expire = () => {
      for (const { cancellation } of [...this.#active]) {
        cancellation.cancel(closedError("the client was closed while the call was under way"));
      }
    };
    const deadline = new Deadline(clock, clock.now() + graceMs, { expire });
    await drained;
    deadline.disarm();
  }
}
