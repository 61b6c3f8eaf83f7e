import type { Cancellation } from "../internal/cancellation.ts";
import type { Wire } from "./model-definition.ts";

/** What surrounds the answering of one call. */
export interface CallScope {
  readonly wire: Wire;
  readonly headers: Readonly<Record<string, string>>;
  /** When a model run is given up, on `performance.now()`'s time; `Infinity` for never. */
  readonly runDeadlineAt: number;
  /** Fires when nobody waits for the answer any more. */
  readonly cancellation: Cancellation;
}
