/** Gives or takes up to a fifth, so that many clients do not do the same thing at the same moment. */
export function spread(durationMs: number, random: () => number): number {
  return durationMs * (0.8 + 0.4 * random());
}

/** Pauses that double while trials fail, and begin anew once something has held longer than its last pause. */
export class TrialBackOff {
  readonly #firstMs: number;
  readonly #mostMs: number;
  readonly #random: () => number;
  #lastMs = 0;
  #heldSince: number | undefined;

  constructor(firstMs: number, mostMs: number, random: () => number) {
    this.#firstMs = firstMs;
    this.#mostMs = mostMs;
    this.#random = random;
  }

  /** The next pause, in milliseconds. */
  next(now: number): number {
    const held = this.#heldSince !== undefined && now - this.#heldSince > this.#lastMs;
    this.#lastMs = this.#lastMs === 0 || held ? this.#firstMs : Math.min(this.#lastMs * 2, this.#mostMs);
    this.#heldSince = undefined;
    return Math.min(spread(this.#lastMs, this.#random), this.#mostMs);
  }

  /** The trial went well. */
  succeeded(now: number): void {
    this.#heldSince = now;
  }
}
