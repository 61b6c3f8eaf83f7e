import type { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { followSignal } from "./abort.ts";
import { armDeadline } from "./deadline.ts";
import { settle } from "./settle.ts";

/** What can end something before it ends by itself. */
export interface Bounds {
  /** Carries every cause of an early end down to the work. */
  readonly cancellation: Cancellation;
  readonly signal: AbortSignal | undefined;
  /** On the clock's time. */
  readonly deadlineAt: number;
  /** Makes what it rejects with when the deadline comes. */
  readonly timeoutError: () => unknown;
}

/**
 * Runs `work` within its bounds: it settles by itself, or with the signal's reason, or when the deadline has come,
 * and does not begin when one of these has happened already. Nothing stays behind: no timer, no listener.
 */
export function bounded<T>(clock: Clock, bounds: Bounds, work: () => Promise<T>): Promise<T> {
  const { cancellation } = bounds;
  const following = followSignal(bounds.signal, cancellation);
  const disarm = armDeadline(clock, bounds.deadlineAt, () => {
    if (!cancellation.cancelled) cancellation.cancel(bounds.timeoutError());
  });
  return settle(cancellation, work, () => {
    disarm();
    following.letGo();
  });
}
