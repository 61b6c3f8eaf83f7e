/** Quantiles in milliseconds, as exact as the server's buckets are: each is 1.8 times the one before (1.2 for queueing). */
export interface LatencyFigures {
  readonly count: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
}

/** What the server counted between two looks; at the first look, since it was started. */
export interface ServerFigures {
  /** The time between the looks; undefined at the first one and after a restart, and so are the rates. */
  readonly seconds: number | undefined;
  /** A counter went back: the figures are those since the server was started anew. */
  readonly restarted: boolean;
  /** A part of the page could not be read. */
  readonly partial: boolean;
  /**
   * gRPC predict, classify and regress, and every REST request, status and metadata included. The server does not count
   * multi-inference here.
   */
  readonly requests: number;
  readonly requestsPerSecond: number | undefined;
  /** Requests by status, `OK` or a code; no prototype. */
  readonly byStatus: Readonly<Record<string, number>>;
  /** Share of requests that did not end with OK, from 0 to 1; undefined without requests. */
  readonly errorRatio: number | undefined;
  /** Requests that succeeded, from the first byte to the last as the server sees it. */
  readonly latency: LatencyFigures | undefined;
  /** The run of the model alone. */
  readonly runtime: LatencyFigures | undefined;
  /** Waiting for a batch; undefined where the server does not batch. */
  readonly queueing: LatencyFigures | undefined;
  /** What was run together; undefined where the server does not batch. */
  readonly batches: BatchFigures | undefined;
}

export interface BatchFigures {
  readonly count: number;
  /** Rows run in a batch, padding included; undefined where the server's six digits no longer tell. */
  readonly meanRows: number | undefined;
  /** Share of those rows that somebody had sent, from 0 to 1. */
  readonly fill: number | undefined;
}
