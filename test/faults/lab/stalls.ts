const BEAT_MS = 5;
/** Less is what timers are coarse by. */
const NOTED_MS = 10;

/**
 * When this process was held up: by other processes on the machine, by compiling, by collecting garbage. No promise
 * about time can be kept then, so that lateness and ghosts are judged without these moments.
 */
export class Stalls {
  readonly #stalls: { readonly from: number; readonly to: number }[] = [];
  #lastBeat = performance.now();
  readonly #timer = setInterval(() => this.#beat(), BEAT_MS).unref();

  /** How long it was held up between two moments, in milliseconds. */
  within(from: number, to: number): number {
    this.#beat();
    return this.#stalls.reduce(
      (sum, stall) => sum + Math.max(0, Math.min(to, stall.to) - Math.max(from, stall.from)),
      0,
    );
  }

  get longestMs(): number {
    return this.#stalls.reduce((longest, { from, to }) => Math.max(longest, to - from), 0);
  }

  end(): void {
    clearInterval(this.#timer);
  }

  #beat(): void {
    const now = performance.now();
    if (now - this.#lastBeat > BEAT_MS + NOTED_MS) this.#stalls.push({ from: this.#lastBeat + BEAT_MS, to: now });
    this.#lastBeat = now;
  }
}

/** How long something takes without what the process was held up by meanwhile, in milliseconds. */
export async function unstalledMs(work: () => Promise<unknown>): Promise<number> {
  const stalls = new Stalls();
  const startedAt = performance.now();
  try {
    await work();
    const endedAt = performance.now();
    return endedAt - startedAt - stalls.within(startedAt, endedAt);
  } finally {
    stalls.end();
  }
}
