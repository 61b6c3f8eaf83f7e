/**
 * When calls to an endpoint stop being tried for a while: while its circuit is open they reject at once, with kind
 * `unavailable` and a text that says when the next one is tried.
 *
 * Counted are the endpoint's own faults, as for {@link BalancingOptions}. An answer, of whatever code, is none.
 */
export interface CircuitBreakerOptions {
  /** Opens after this many faults in a row. `Infinity` leaves it to `ratio`. @default 5 */
  readonly faults?: number | undefined;
  /** Opens when this part of the calls in `windowMs` were faults, above 0 to 1. @default 0.5 */
  readonly ratio?: number | undefined;
  /** The ratio counts from this many calls in `windowMs` on. @default 20 */
  readonly minCalls?: number | undefined;
  /** How far back the ratio looks, in milliseconds. @default 10_000 */
  readonly windowMs?: number | undefined;
  /** How long it stays open before one call is let through, in milliseconds. Doubles each time that this call fails. @default 5_000 */
  readonly openMs?: number | undefined;
  /** The longest it stays open between two trials, in milliseconds. @default 60_000 */
  readonly maxOpenMs?: number | undefined;
}
