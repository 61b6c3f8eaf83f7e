import type { Clock } from "../internal/clock.ts";

/** A window closes when it has at least this many answers, and as many as may be under way at once. */
const MIN_SAMPLES = 10;
/** Latency may exceed that of an idle server by this factor before the limit shrinks. */
const TOLERANCE = 1.35;
/** What the limit grows by in a window that used it up: a tenth, or this. */
const MIN_HEADROOM = 0.5;
/** What overload and timeouts leave of it. */
const BACK_OFF = 0.9;
/** Refusals come fast: one window lasts as long as an answer takes, or this long while there was none. */
const UNKNOWN_LATENCY_MS = 100;
/** How often the limit is halved for one window, to see the latency without a queue; sooner where that has changed. */
const EASE_EVERY_MS = 10_000;
const EASE_AGAIN_MS = 500;
/** After so many windows in a row that latency made it shrink, the server itself may have become slower. */
const DOUBT_AFTER = 5;

export interface AdaptiveLimitSettings {
  readonly clock: Clock;
  readonly initialLimit: number;
  readonly maxLimit: number;
}

/** How a call ended, as far as it says something of the server's load. */
export type Load = "answered" | "pressed" | "unknown";

/**
 * How many calls may be under way at once, learnt from how they end. It looks at windows of calls that began and ended
 * in the window, so that a change has had its effect before it is judged:
 *
 * - overload or a timeout: a tenth less
 * - latency above that of an idle server by more than a third: less in proportion, half at most
 * - otherwise a tenth more, if all of it was in use
 *
 * An idle server's latency is what windows measure that use half of the limit or less. Under constant load there would
 * be none, so every few seconds one window is held to half of it.
 *
 * @see https://github.com/Netflix/concurrency-limits, whose gradient takes the long-run average in its place and so
 * comes to believe in the queue that it made
 */
export class AdaptiveLimit {
  readonly #clock: Clock;
  readonly #maxLimit: number;
  #limit: number;
  #idleMs: number | undefined;
  #isEasing = false;
  #easeAt = Number.NEGATIVE_INFINITY;
  #shrinkingFor = 0;
  /** The window under way. */
  #since: number;
  #samples = 0;
  #totalMs = 0;
  #mostAtOnce = 0;
  #isPressed = false;

  constructor({ clock, initialLimit, maxLimit }: AdaptiveLimitSettings) {
    this.#clock = clock;
    this.#maxLimit = maxLimit;
    this.#limit = Math.min(initialLimit, maxLimit);
    this.#since = clock.now();
  }

  /** Calls that may be under way now: a whole number from 1. */
  get current(): number {
    return Math.max(1, Math.floor(this.#isEasing ? this.#limit / 2 : this.#limit));
  }

  /** Takes note of a call that has ended. `atOnce` were under way with it, itself included. */
  note(startedAt: number, atOnce: number, load: Load): void {
    if (startedAt < this.#since || load === "unknown") return;
    const now = this.#clock.now();
    this.#mostAtOnce = Math.max(this.#mostAtOnce, atOnce);
    if (load === "pressed") this.#isPressed = true;
    else {
      this.#samples++;
      this.#totalMs += now - startedAt;
    }
    if (this.#isPressed) {
      const isLongEnough = now - this.#since >= (this.#idleMs ?? UNKNOWN_LATENCY_MS);
      if (isLongEnough) this.#close(now, (limit) => limit * BACK_OFF);
    } else if (this.#samples >= Math.max(MIN_SAMPLES, this.current)) this.#judge(now, this.#totalMs / this.#samples);
  }

  #judge(now: number, latencyMs: number): void {
    if (this.#isEasing || this.#mostAtOnce <= this.current / 2) {
      this.#learn(now, latencyMs);
      this.#close(now, (limit) => limit);
      return;
    }
    if (this.#idleMs === undefined || now >= this.#easeAt || this.#shrinkingFor >= DOUBT_AFTER) {
      if (this.#shrinkingFor >= DOUBT_AFTER) this.#idleMs = undefined;
      this.#shrinkingFor = 0;
      this.#isEasing = this.current > 1;
      // One at a time is as idle as it gets.
      if (!this.#isEasing) this.#learn(now, latencyMs);
      this.#close(now, (limit) => limit, this.#isEasing);
      return;
    }
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.#idleMs) / latencyMs));
    this.#shrinkingFor = gradient < 1 ? this.#shrinkingFor + 1 : 0;
    const isUsedUp = this.#mostAtOnce >= this.current;
    this.#close(now, (limit) => limit * gradient + (isUsedUp ? Math.max(MIN_HEADROOM, limit / 10) : 0));
  }

  #learn(now: number, latencyMs: number): void {
    const before = this.#idleMs ?? Number.POSITIVE_INFINITY;
    this.#idleMs = before === Number.POSITIVE_INFINITY ? latencyMs : (before + latencyMs) / 2;
    const isSettled = Math.abs(latencyMs - before) <= before / 10;
    this.#easeAt = now + (isSettled ? EASE_EVERY_MS : EASE_AGAIN_MS);
  }

  #close(now: number, change: (limit: number) => number, isEasing = false): void {
    this.#limit = Math.max(1, Math.min(this.#maxLimit, change(this.#limit)));
    this.#isEasing = isEasing;
    this.#since = now;
    this.#samples = 0;
    this.#totalMs = 0;
    this.#mostAtOnce = 0;
    this.#isPressed = false;
  }
}
