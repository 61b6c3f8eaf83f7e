import type { Cancellation } from "../internal/cancellation.ts";

/**
 * Cancels with the signal's reason when the caller's signal aborts, at once if it has. Returns the way to let go of
 * the signal again: a long-lived one serves any number of calls and keeps nothing of them. It is never dispatched to.
 */
export function followSignal(signal: AbortSignal | undefined, cancellation: Cancellation): () => void {
  if (signal === undefined) return nothing;
  if (signal.aborted) {
    cancellation.cancel(signal.reason);
    return nothing;
  }
  const onAbort = () => cancellation.cancel(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  return () => signal.removeEventListener("abort", onAbort);
}

function nothing(): void {}
