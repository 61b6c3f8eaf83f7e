import type { Clock, TimerHandle } from "../internal/clock.ts";

/** Node fires at once for longer delays. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Later than this, a timer was held up by a blocked event loop rather than by its own coarseness. */
const LATE_MS = 20;

/** What has a deadline. */
export interface Expiring {
  expire(): void;
}

/**
 * Calls `expire` once when `deadlineAt` has come, at once if it has; never for `Infinity`, nor once it is disarmed.
 *
 * A blocked event loop runs its timers before it reads its sockets: an answer that arrived in time would lose against
 * a deadline that passed meanwhile. So a timer that comes late gives the sockets one turn first.
 */
export class Deadline {
  readonly #clock: Clock;
  readonly #at: number;
  readonly #expiring: Expiring;
  #timer: TimerHandle;

  constructor(clock: Clock, deadlineAt: number, expiring: Expiring) {
    this.#clock = clock;
    this.#at = deadlineAt;
    this.#expiring = expiring;
    if (deadlineAt === Number.POSITIVE_INFINITY) return;
    const now = clock.now();
    if (now >= deadlineAt) expiring.expire();
    else this.#arm(now);
  }

  disarm(): void {
    if (this.#timer !== undefined) this.#clock.clearTimeout(this.#timer);
  }

  #arm(now: number): void {
    const delayMs = Math.min(Math.ceil(this.#at - now), LONGEST_DELAY_MS);
    this.#timer = this.#clock.setTimeout(() => this.#onTimer(), delayMs);
  }

  #onTimer(): void {
    const now = this.#clock.now();
    if (now < this.#at) this.#arm(now);
    else if (now - this.#at > LATE_MS) this.#timer = this.#clock.setTimeout(() => this.#expiring.expire(), 0);
    else this.#expiring.expire();
  }
}
