import { theilSen } from "../../statistics/theil-sen.ts";
import { isSteady } from "../../statistics/thirds.ts";

/** 15 samples a second apart. */
const SAMPLES = 15;
const HORIZON_SECONDS = 15 * 60;
const LEAST_GROWTH_BYTES = 256e6;
/** So many samples in a row must say so: with fewer, a warm-up of half a GB in five seconds sets it off. */
const IN_A_ROW = 7;
/** A model that was loaded or unloaded moves memory for a while after. */
const SETTLE_MS = 60_000;
/** 95 %: more certainty of each sample would cost seconds, and several in a row bring it. */
const Z = 1.645;

export interface FastFuseSample {
  /** On a clock that only goes forward. */
  readonly atMs: number;
  readonly bytes: number;
  readonly limitBytes: number | undefined;
  /** Whether a version of any model is LOADING or UNLOADING now. */
  readonly modelsMove: boolean;
}

/** What the fuse says after a sample. */
export interface FastFuseState {
  /** Why it is not armed; undefined while it is. */
  readonly disarmed: string | undefined;
  /** Whether the limit will be reached within 15 minutes if memory goes on as it does. */
  readonly alarm: boolean;
  /** At the latest then, at the lower bound of the rise. */
  readonly secondsToLimit: number | undefined;
}

/**
 * Sees memory that runs away: one sample a second, an alarm about 16 seconds after a rise of 40 MB/s has begun.
 *
 * It judges the last 15 samples and confirms nothing, so it is for rises that leave no time. A model that loads looks
 * exactly so: the fuse is not armed while a version is LOADING or UNLOADING and for 60 seconds after, nor without a limit.
 */
export class FastFuse {
  #samples: FastFuseSample[] = [];
  #movedAt = Number.NEGATIVE_INFINITY;
  #row = 0;

  add(sample: FastFuseSample): FastFuseState {
    if (sample.modelsMove) this.#movedAt = sample.atMs;
    if (sample.atMs - this.#movedAt < SETTLE_MS) {
      this.reset();
      return idle(
        sample.modelsMove ? "a model is being loaded or unloaded" : "a model was loaded or unloaded just now",
      );
    }
    this.#samples.push(sample);
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    if (sample.limitBytes === undefined) return idle("the memory limit is not known");
    if (this.#samples.length < SAMPLES) return idle(`${this.#samples.length} of ${SAMPLES} samples`);

    const secondsToLimit = this.#secondsToLimit(sample.limitBytes);
    this.#row = secondsToLimit === undefined ? 0 : this.#row + 1;
    return { disarmed: undefined, alarm: this.#row >= IN_A_ROW, secondsToLimit };
  }

  /** Begins anew: the process is another one, or samples are missing. */
  reset(): void {
    this.#samples = [];
    this.#row = 0;
  }

  #secondsToLimit(limitBytes: number): number | undefined {
    const seconds = this.#samples.map(({ atMs }) => atMs / 1000);
    const bytes = this.#samples.map((sample) => sample.bytes);
    const { slope, lower } = theilSen(seconds, bytes, { z: Z });
    const growth = slope * (seconds.at(-1)! - seconds[0]!);
    if (!(lower > 0) || growth < LEAST_GROWTH_BYTES || !isSteady(bytes)) return undefined;
    const left = Math.max(0, limitBytes - bytes.at(-1)!) / lower;
    return left <= HORIZON_SECONDS ? left : undefined;
  }
}

function idle(disarmed: string): FastFuseState {
  return { disarmed, alarm: false, secondsToLimit: undefined };
}
