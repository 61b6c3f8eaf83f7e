import type { Attempt } from "../errors/serving-error.ts";
import type { BatchingOptions } from "./batching.ts";
import type { OperationName } from "./operations.ts";

/** How to ask. Every member is also a default of the client and of a model handle. */
export interface CallOptions {
  /**
   * How long the whole call may take, connecting and reading the body included, in milliseconds.
   * `Infinity` means no limit; 0 is over before it begins.
   * @default 30_000 for predict, classify, regress and multiInference; 10_000 for the rest
   */
  readonly timeoutMs?: number | undefined;
  /**
   * How long one try may take, in milliseconds, as a part of `timeoutMs`: one that takes longer is given up and followed
   * by another, on another server where there is one. On gRPC the server is told the shorter of the two.
   * @default none: a try may take all of `timeoutMs`
   */
  readonly attemptTimeoutMs?: number | undefined;
  /**
   * How many tries may follow the first one, where one more may help: a whole number from 0. When that is depends on
   * the failure, see docs/errors.md; how often all calls together may depends on the client's option `retry.budget`.
   * @default 2
   */
  readonly maxRetries?: number | undefined;
  /**
   * Whether the server may do the work twice. `false` is for models that keep state from one request to the next: only
   * what was certainly not processed is sent again, and nothing is hedged.
   * @default true; a configuration reload is sent again only where it certainly reached nobody
   */
  readonly idempotent?: boolean | undefined;
  /** Aborts the call: it rejects with the signal's reason within 10 ms. */
  readonly signal?: AbortSignal | undefined;
  /** Sent with the request: gRPC metadata or HTTP headers. `null` takes a default one away. */
  readonly headers?: Readonly<Record<string, string | null>> | undefined;
  /**
   * Called once when the call ended, well or not; not for one that never began, because the client is closed or an
   * option is wrong. What it throws goes to the logger and nowhere else.
   */
  readonly onResponse?: ((info: ResponseInfo) => void) | undefined;
  /**
   * How REST lays out a predict: `columnar` (`inputs`) takes any tensors, `row` (`instances`) needs one common first
   * dimension above zero. No effect on gRPC.
   * @default "columnar"
   */
  readonly format?: "columnar" | "row" | undefined;
  /**
   * `gzip` compresses request messages; answers are read compressed or not.
   * @default "none"
   */
  readonly compression?: "gzip" | "none" | undefined;
  /**
   * Lets predict, classify and regress share requests with calls that ask the same of the same model: `true` with the
   * settings of the handle or the client, else with defaults; an object with these settings; `false` not at all. Axis 0
   * of every input and output must be a batch: a handle refuses it where its signature says otherwise.
   * See docs/batching.md.
   * @default false
   */
  readonly batching?: boolean | BatchingOptions | undefined;
}

/** What one call did on the wire. */
export interface ResponseInfo {
  readonly operation: OperationName;
  readonly model: string | undefined;
  /** Where the last attempt went. */
  readonly endpoint: string;
  readonly attempts: readonly Attempt[];
  /** Of the last reply; names in lower case, no prototype. Empty when there was none. */
  readonly headers: Readonly<Record<string, string>>;
  /** gRPC trailers, HTTP trailers where there are any. */
  readonly trailers: Readonly<Record<string, string>>;
  /** From the call to its end, in milliseconds. */
  readonly durationMs: number;
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
}
