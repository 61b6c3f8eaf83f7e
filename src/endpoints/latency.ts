/** How fast what was measured loses its weight where nothing new is. */
const FADE_MS = 10_000;

/** The weight of one sample. */
const WEIGHT = 1 / 8;

/** A sample this many times slower than the rest is chance when it comes alone, and the truth when others follow. */
const OUTLIER = 2.5;

/** Differences below this are the clock's. */
const LEAST_MS = 0.01;

/**
 * What a call takes on one host: the moving geometric mean of what calls took. Ten times slower counts as much as ten
 * times faster, so a pause for garbage does not outweigh the calls around it, as it would in a mean of milliseconds.
 *
 * From the third in a row on each outlier weighs twice what the one before did: a host that has become slow is believed
 * so by its fifth call, and one whose every twentieth call takes ten times as long keeps its share.
 */
export class Latency {
  #valueMs = 0;
  #at = 0;
  #known = false;
  #outliers = 0;
  #answeredMs: number | undefined;

  /** Whether anything was measured. */
  get known(): boolean {
    return this.#known;
  }

  /** As of the last answer: what calls without one took says nothing of how soon there could be one. */
  get answeredMs(): number | undefined {
    return this.#answeredMs;
  }

  /** A call was answered after this long. */
  observe(now: number, sampleMs: number): void {
    this.#move(now, sampleMs);
    this.#answeredMs = this.#valueMs;
  }

  /** A call took at least this long and was not answered: can only raise. */
  observeAtLeast(now: number, sampleMs: number): void {
    if (!this.#known || sampleMs > this.read(now)) this.#move(now, sampleMs);
  }

  /** Fades towards zero while nothing is measured, so that a host left alone is tried again some day. */
  read(now: number): number {
    return this.#valueMs * Math.exp(-(now - this.#at) / FADE_MS);
  }

  #move(now: number, sampleMs: number): void {
    const sample = Math.max(sampleMs, LEAST_MS);
    if (this.#known) {
      // Between what it was and what that has faded to, a sample is believed: nothing speaks against it.
      const before = Math.min(Math.max(sample, this.read(now), LEAST_MS), this.#valueMs);
      const ratio = sample / before;
      this.#outliers = ratio > OUTLIER ? this.#outliers + 1 : 0;
      const weight = Math.min(1, WEIGHT * 2 ** Math.max(0, this.#outliers - 2));
      this.#valueMs = before * ratio ** weight;
    } else {
      this.#valueMs = sample;
    }
    this.#at = now;
    this.#known = true;
  }
}
