import type { WatchSample } from "./watch-sample.ts";

const MOST_SAMPLES = 4_000;

/** The samples of a watch, for its picture and its report. When there are too many, every other one of the older half goes. */
export class WatchHistory {
  readonly #most: number;
  #samples: WatchSample[] = [];

  constructor(most = MOST_SAMPLES) {
    this.#most = most;
  }

  get samples(): readonly WatchSample[] {
    return this.#samples;
  }

  add(sample: WatchSample): void {
    this.#samples.push(sample);
    if (this.#samples.length <= this.#most) return;
    const middle = Math.floor(this.#samples.length / 2);
    this.#samples = this.#samples.filter((_sample, index) => index >= middle || index % 2 === 0);
  }
}
