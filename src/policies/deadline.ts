import type { Clock, TimerHandle } from "../internal/clock.ts";

/** Node fires at once for longer delays. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;
/** Later than this, a timer was held up by a blocked event loop rather than by its own coarseness. */
const LATE_MS = 20;

/**
 * Calls `expire` once when `deadlineAt` has come, at once if it has; never for `Infinity`. Returns the way to disarm it.
 *
 * A blocked event loop runs its timers before it reads its sockets: an answer that arrived in time would lose against
 * a deadline that passed meanwhile. So a timer that comes late gives the sockets one turn first.
 */
export function armDeadline(clock: Clock, deadlineAt: number, expire: () => void): () => void {
  if (deadlineAt === Number.POSITIVE_INFINITY) return nothing;
  let timer: TimerHandle;
  const arm = (now: number) => {
    timer = clock.setTimeout(onTimer, Math.min(Math.ceil(deadlineAt - now), LONGEST_DELAY_MS));
  };
  const onTimer = () => {
    const now = clock.now();
    if (now < deadlineAt) arm(now);
    else if (now - deadlineAt > LATE_MS) timer = clock.setTimeout(expire, 0);
    else expire();
  };
  const now = clock.now();
  if (now >= deadlineAt) {
    expire();
    return nothing;
  }
  arm(now);
  return () => clock.clearTimeout(timer);
}

function nothing(): void {}
