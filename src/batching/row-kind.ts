import type { ModelChoice } from "../contract/model-spec.ts";
import type { CallContext } from "../contract/transport.ts";

/** How much of a batch a request takes. */
export interface Extent {
  readonly rows: number;
  readonly bytes: number;
}

/** How requests of one operation become one, and its answer theirs. Pure. */
export interface RowKind<Q extends ModelChoice, R> {
  /** Undefined for a request that has no rows to share: it goes by itself. */
  measure(request: Q, context: CallContext): Extent | undefined;
  /** What requests must have in common, besides what their contexts must. */
  keyOf(request: Q, context: CallContext): string;
  /** Whether two requests have one key for certain, whatever their context; where not, they still may. */
  areAlike(one: Q, other: Q): boolean;
  /** The rows from `begin` to `end` (exclusive). */
  cut(request: Q, begin: number, end: number): Q;
  /** All rows in order, and behind them as many as it takes to make `rows` of them. */
  merge(requests: readonly Q[], rows: number): Q;
  /**
   * What is told request after request, and says how many bytes merging those so far would take; left out where that is
   * the sum.
   */
  tally?(): (request: Q) => number;
  /**
   * The answer to each request, in order, with nothing of the padding.
   *
   * @throws ServingError (kind `protocol`) when the answer does not have the `rows` that were sent
   */
  split(response: R, sent: Sent<Q>): R[];
  /** The answer to a request that went out in parts. @throws ServingError (kind `protocol`) when they do not fit */
  join(responses: readonly R[]): R;
}

/** What went out as one request. */
export interface Sent<Q> {
  readonly requests: readonly Q[];
  /** Of each of them. */
  readonly counts: readonly number[];
  /** In all, padding included. */
  readonly rows: number;
  readonly context: CallContext;
}
