import type { Clock } from "../internal/clock.ts";

/** How many retries all calls of a client may make together. */
export interface RetryBudgetOptions {
  /** Retries that each call adds, from 0 to 1. @default 0.1 */
  readonly ratio?: number | undefined;
  /** Retries that each second adds, for clients that call seldom. @default 1 */
  readonly perSecond?: number | undefined;
  /** The most that can be saved up, which is also what a client begins with: from 1. @default 10 */
  readonly burst?: number | undefined;
}

/** What each retry is paid from. */
export interface RetryBudget {
  /** A call has begun. */
  deposit(): void;
  /** Pays for one more try. False, and nothing is paid, where there is not enough. */
  withdraw(cost: number): boolean;
}

/**
 * A balance that calls and time fill and retries use up. While a service is down its clients send it a tenth more than
 * they would send it anyway, and not three times as much.
 */
export function createRetryBudget(clock: Clock, options: RetryBudgetOptions = {}): RetryBudget {
  const { ratio = 0.1, perSecond = 1, burst = 10 } = options;
  let balance = burst;
  let since = clock.now();
  return {
    deposit() {
      balance = Math.min(burst, balance + ratio);
    },
    withdraw(cost) {
      const now = clock.now();
      balance = Math.min(burst, balance + ((now - since) / 1000) * perSecond);
      since = now;
      // Tenths do not add up to whole numbers exactly.
      if (balance < cost - 1e-9) return false;
      balance -= cost;
      return true;
    },
  };
}

/** For callers who want every retry that a call allows. */
export const NO_RETRY_BUDGET: RetryBudget = { deposit() {}, withdraw: () => true };
