/** How many connections to a server that takes none are tried within {@link WINDOW_MS}. */
const MOST_TRIED = 2;
const WINDOW_MS = 1_000;

/**
 * Keeps many calls from beating on a server that is down: once a connect has failed and no connection is open, two a
 * second are tried and the others fail at once with what the last one failed with. A connect that succeeds ends it.
 *
 * While a connection is open nothing is held back: one of several hosts behind an address may be the one that refuses.
 */
export class ConnectPace {
  /** When the last ones began, the oldest first. */
  readonly #begun: number[] = Array.from({ length: MOST_TRIED }, () => Number.NEGATIVE_INFINITY);
  #open = 0;
  #failure: unknown;

  /** How long no connect may begin, in milliseconds. */
  pauseMs(now: number): number {
    if (this.#failure === undefined || this.#open > 0) return 0;
    return Math.max(0, this.#begun[0]! + WINDOW_MS - now);
  }

  /** A connect is about to begin. Gives the error to fail it with where it must not. */
  begin(now: number): ConnectPostponed | undefined {
    if (this.pauseMs(now) > 0) return new ConnectPostponed(this.#failure);
    this.#begun.shift();
    this.#begun.push(now);
    return undefined;
  }

  failed(error: unknown): void {
    this.#failure = error;
  }

  opened(): void {
    this.#failure = undefined;
    this.#open++;
  }

  closed(): void {
    this.#open--;
  }
}

/** No connection was tried, because others have just failed: the last of them is the cause. */
export class ConnectPostponed extends Error {
  constructor(cause: unknown) {
    super("no connection was tried", { cause });
    this.name = "ConnectPostponed";
  }
}
