import type { RetryBudgetOptions } from "./retry-budget.ts";

/** How tries follow each other. */
export interface RetryOptions {
  /**
   * How many retries all calls of a client may make together, so that retries do not add to what brought a service
   * down. `false` lets each call make all of its own.
   * @default { ratio: 0.1, perSecond: 1, burst: 10 }
   */
  readonly budget?: RetryBudgetOptions | false | undefined;
  /**
   * The longest pause before a call's first retry, in milliseconds; it doubles with each further one. The pause itself
   * is any time between none and this, at random.
   * @default 100
   */
  readonly baseDelayMs?: number | undefined;
  /** The same after a failure of kind `overloaded`. @default 250 */
  readonly throttleDelayMs?: number | undefined;
  /** What no pause exceeds, unless the server asks for more (Retry-After, gRPC's pushback). @default 5_000 */
  readonly maxDelayMs?: number | undefined;
}
