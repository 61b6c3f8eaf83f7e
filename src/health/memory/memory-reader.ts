import { describeValue } from "../../internal/describe-value.ts";
import { attempt } from "../attempt.ts";
import type { HealthClock } from "../health-clock.ts";
import { oneLine } from "../one-line.ts";
import { type MemoryInput, type MemoryReading, type MemorySource, toMemorySource } from "./memory-source.ts";

/** One look at memory: a sample, or why there is none. */
export type MemorySample =
  | {
      readonly ok: true;
      readonly bytes: number;
      readonly limitBytes: number | undefined;
      readonly resets: number;
      /** Whether the source has measured since the look before: some do once in 15 seconds. */
      readonly fresh: boolean;
    }
  | { readonly ok: false; readonly reason: string };

/** A source that says the same time for longer than this is no longer measuring. */
const STALE_AFTER_MS = 120_000;
/** No machine that serves models has more: what says so says "no limit". 2^60, an exabyte. */
const NO_LIMIT_BYTES = 2 ** 60;

/**
 * Reads a source and believes little of it: an answer that is late, stale, negative or no number is no sample.
 * Never rejects.
 */
export class MemoryReader {
  readonly name: string;
  readonly #source: MemorySource;
  readonly #clock: HealthClock;
  readonly #timeoutMs: number;
  #lastTimeMs: number | undefined;
  #lastFreshAt = 0;

  constructor(input: MemoryInput, clock: HealthClock, timeoutMs = 5_000) {
    this.#source = toMemorySource(input);
    this.name = oneLine(this.#source.name ?? "memory source");
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  async read(): Promise<MemorySample> {
    const looked = await attempt(this.#clock, this.#clock.now() + this.#timeoutMs, ({ signal }) =>
      this.#source.read({ signal }),
    ).result;
    if (looked.ok) return this.#judge(looked.value);
    if (looked.timedOut) return this.#refuse(`no answer within ${this.#timeoutMs} ms`);
    return this.#refuse(looked.error instanceof Error ? looked.error.message : "an unknown failure");
  }

  #judge(reading: MemoryReading): MemorySample {
    const { bytes, limitBytes, timeMs, resets = 0 } = reading ?? {};
    if (typeof bytes !== "number" || !Number.isFinite(bytes) || bytes < 0) {
      return this.#refuse(`it says ${describeValue(bytes)} for bytes`);
    }
    const fresh = this.#isFresh(timeMs);
    if (fresh === "stale") return this.#refuse("what it says is old, it does not measure any more");
    const limited = typeof limitBytes === "number" && limitBytes > 0 && limitBytes < NO_LIMIT_BYTES;
    return { ok: true, bytes, limitBytes: limited ? limitBytes : undefined, resets, fresh };
  }

  #isFresh(timeMs: number | undefined): boolean | "stale" {
    if (timeMs === undefined) return true;
    const now = this.#clock.now();
    if (timeMs === this.#lastTimeMs) return now - this.#lastFreshAt > STALE_AFTER_MS ? "stale" : false;
    // The clocks of two machines differ a little; a page that was written long ago differs a lot.
    if (this.#lastTimeMs === undefined && this.#clock.date().getTime() - timeMs > 10 * STALE_AFTER_MS) return "stale";
    this.#lastTimeMs = timeMs;
    this.#lastFreshAt = now;
    return true;
  }

  #refuse(reason: string): MemorySample {
    return { ok: false, reason: `${this.name}: ${oneLine(reason)}` };
  }
}
