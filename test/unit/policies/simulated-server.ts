import { ServingError } from "../../../src/errors/serving-error.ts";
import type { Cancellation } from "../../../src/internal/cancellation.ts";
import type { FakeClock } from "./fake-clock.ts";

/** Numbers from 0 to 1 that are the same for the same seed. @see https://prng.di.unimi.it/splitmix32.c */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** A server with some workers, each of which takes a while for a call, and a queue before them. */
export class SimulatedServer {
  workers: number;
  serviceMs: () => number;
  readonly #clock: FakeClock;
  readonly #maxQueue: number;
  readonly #queue: (() => void)[] = [];
  #busy = 0;

  constructor(clock: FakeClock, options: { workers: number; serviceMs: () => number; maxQueue?: number }) {
    this.#clock = clock;
    this.workers = options.workers;
    this.serviceMs = options.serviceMs;
    this.#maxQueue = options.maxQueue ?? Number.POSITIVE_INFINITY;
  }

  serve(cancellation: Cancellation): Promise<void> {
    return new Promise((resolve, reject) => {
      const work = () => {
        this.#busy++;
        this.#clock.setTimeout(() => {
          this.#busy--;
          resolve();
          this.#next();
        }, this.serviceMs());
      };
      cancellation.onCancel(reject);
      if (this.#busy < this.workers) work();
      else if (this.#queue.length < this.#maxQueue) this.#queue.push(work);
      else reject(new ServingError("The batch scheduling queue is full", { code: "UNAVAILABLE", kind: "overloaded" }));
    });
  }

  #next(): void {
    if (this.#busy < this.workers) this.#queue.shift()?.();
  }
}
