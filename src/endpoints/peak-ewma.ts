/** How fast what was measured loses its weight. */
const DECAY_MS = 10_000;

/** What one faster sample takes away, as a part of the difference, where less time than that has passed. */
const STEP = 1 / 8;

/** A sample this many times slower than the rest is chance when it comes alone, and the truth when the next is like it. */
const OUTLIER = 2.5;

/**
 * Latency that goes up at once and down slowly: a host that has become slow is left alone after two calls, and is
 * believed to be fast again only after a while. One slow call by itself moves it by a limited step, or a pause for
 * garbage would keep a healthy host idle for seconds.
 *
 * @see https://linkerd.io/2016/03/16/beyond-round-robin-load-balancing-for-latency/
 */
export class PeakEwma {
  #valueMs = 0;
  #at = 0;
  #known = false;
  #lastWasOutlier = false;

  /** Whether anything was measured. */
  get known(): boolean {
    return this.#known;
  }

  /** As of the last sample, without what time took away since. */
  get lastMs(): number {
    return this.#valueMs;
  }

  observe(now: number, sampleMs: number): void {
    const before = this.read(now);
    const outlier = this.#known && sampleMs > this.#valueMs * OUTLIER;
    if (!this.#known) this.#valueMs = sampleMs;
    else if (outlier && !this.#lastWasOutlier) this.#valueMs *= OUTLIER;
    else if (sampleMs >= before) this.#valueMs = sampleMs;
    else this.#valueMs = before + (sampleMs - before) * STEP;
    this.#at = now;
    this.#known = true;
    this.#lastWasOutlier = outlier || (this.#lastWasOutlier && sampleMs >= before);
  }

  /** A call took at least this long and was not answered: can only raise. */
  observeAtLeast(now: number, sampleMs: number): void {
    if (!this.#known || sampleMs > this.read(now)) this.observe(now, sampleMs);
  }

  /** Fades towards zero while nothing is measured, so that a host left alone is tried again some day. */
  read(now: number): number {
    return this.#valueMs * Math.exp(-(now - this.#at) / DECAY_MS);
  }
}
