import type { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { type Following, followSignal } from "./abort.ts";
import { Deadline, type Expiring } from "./deadline.ts";
import { type Outcome, Settlement } from "./settlement.ts";

/** What can end something before it ends by itself. */
export interface Bounds<T> {
  /** Carries every cause of an early end down to the work. */
  readonly cancellation: Cancellation;
  readonly signal: AbortSignal | undefined;
  /** On the clock's time. */
  readonly deadlineAt: number;
  /** Makes what it rejects with when the deadline comes. */
  timeoutError(): unknown;
  /** Told once, right before it settles. */
  ending?(outcome: Outcome<T>): void;
}

/**
 * Runs `work` within its bounds: it settles by itself, or with the signal's reason, or when the deadline has come,
 * and does not begin when one of these has happened already. Nothing stays behind: no timer, no listener.
 */
export function bounded<T>(clock: Clock, bounds: Bounds<T>, work: () => Promise<T>): Promise<T> {
  return new Bounded(clock, bounds).run(work);
}

class Bounded<T> extends Settlement<T> implements Expiring {
  readonly #bounds: Bounds<T>;
  readonly #following: Following;
  readonly #deadline: Deadline;

  constructor(clock: Clock, bounds: Bounds<T>) {
    super(bounds.cancellation);
    this.#bounds = bounds;
    this.#following = followSignal(bounds.signal, bounds.cancellation);
    this.#deadline = new Deadline(clock, bounds.deadlineAt, this);
  }

  expire(): void {
    const { cancellation } = this.#bounds;
    if (!cancellation.cancelled) cancellation.cancel(this.#bounds.timeoutError());
  }

  protected override ending(outcome: Outcome<T>): void {
    this.#deadline.disarm();
    this.#following.letGo();
    this.#bounds.ending?.(outcome);
  }
}
