import { TrialBackOff } from "./back-off.ts";
import { OutcomeWindow } from "./outcome-window.ts";
import type { CircuitBreakerSettings } from "./settings.ts";

export type CircuitState = "closed" | "open" | "half-open";

/**
 * The circuit of one endpoint: closed, open for a while after too many faults, then half-open for one call that
 * decides. Time and chance are handed in.
 */
export class CircuitBreaker {
  readonly #settings: CircuitBreakerSettings;
  readonly #window: OutcomeWindow;
  readonly #backOff: TrialBackOff;
  #state: CircuitState = "closed";
  #inARow = 0;
  #opensTrialAt = 0;

  constructor(settings: CircuitBreakerSettings, random: () => number) {
    this.#settings = settings;
    this.#window = new OutcomeWindow(settings.windowMs);
    this.#backOff = new TrialBackOff(settings.openMs, settings.maxOpenMs, random);
  }

  get state(): CircuitState {
    return this.#state;
  }

  /** Whether a call may be sent now. */
  admits(now: number): boolean {
    return this.#state === "closed" || (this.#state === "open" && now >= this.#opensTrialAt);
  }

  /** When the next call is tried, from now; 0 when there is nothing to wait for but the trial under way. */
  retryInMs(now: number): number {
    return this.#state === "open" ? Math.max(0, this.#opensTrialAt - now) : 0;
  }

  /** A call is about to be sent. True when it is the trial. */
  enter(now: number): boolean {
    if (this.#state !== "open" || now < this.#opensTrialAt) return false;
    this.#state = "half-open";
    return true;
  }

  /** It answered. True when that closed the circuit. */
  succeeded(now: number, trial: boolean): boolean {
    this.#inARow = 0;
    this.#window.add(now, false);
    if (!trial) return false;
    this.#state = "closed";
    this.#window.clear();
    this.#backOff.succeeded(now);
    return true;
  }

  /** It did not. For how long the circuit is open when that opened it. */
  failed(now: number, trial: boolean): number | undefined {
    this.#inARow++;
    this.#window.add(now, true);
    if (!trial && (this.#state !== "closed" || !this.#isTooMuch(now))) return undefined;
    const forMs = this.#backOff.next(now);
    this.#state = "open";
    this.#opensTrialAt = now + forMs;
    return forMs;
  }

  /** The trial ended from outside, before it could tell: the next call is one. */
  undecided(trial: boolean): void {
    if (trial) this.#state = "open";
  }

  #isTooMuch(now: number): boolean {
    const { faults, ratio, minCalls } = this.#settings;
    if (this.#inARow >= faults) return true;
    const recent = this.#window.read(now);
    return recent.calls >= minCalls && recent.faults >= recent.calls * ratio;
  }
}
