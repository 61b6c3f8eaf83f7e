import type { Clock, TimerHandle } from "../../../src/internal/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that moves when a test says so. */
export class FakeClock implements Clock {
  #now = 1_000;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): TimerHandle {
    const timer = { at: this.#now + delayMs, callback };
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(handle: TimerHandle): void {
    this.#timers.delete(handle as Timer);
  }

  /** Timers that are still set. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due, from now; undefined when none is set. */
  get nextInMs(): number | undefined {
    const next = this.#next();
    return next === undefined ? undefined : next.at - this.#now;
  }

  /** Moves on, running what falls due on its way, and lets promises settle after each. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await turn();
    for (let timer = this.#next(); timer !== undefined && timer.at <= end; timer = this.#next()) {
      this.#now = Math.max(this.#now, timer.at);
      this.#timers.delete(timer);
      timer.callback();
      await turn();
    }
    this.#now = end;
    await turn();
  }

  /** Moves on without running anything: the event loop was blocked. Then runs what is due. */
  async block(ms: number): Promise<void> {
    this.#now += ms;
    await this.advance(0);
  }

  #next(): Timer | undefined {
    return [...this.#timers].sort((a, b) => a.at - b.at)[0];
  }
}

/** One turn of the real event loop: every promise that can settle by itself has settled afterwards. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
