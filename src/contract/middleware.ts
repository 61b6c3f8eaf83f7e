import type { OperationName, RequestOf, ResponseOf } from "./operations.ts";

/** A call as a middleware sees it: plain values have become tensors, defaults are filled in. */
export type MiddlewareCall = {
  [O in OperationName]: {
    readonly operation: O;
    readonly request: RequestOf<O>;
    /** Sent with the request; names in lower case. */
    readonly headers: Readonly<Record<string, string>>;
    /** The caller's own signal. */
    readonly signal: AbortSignal | undefined;
    /** Where the client points. */
    readonly endpoint: string;
  };
}[OperationName];

/** The answer to any call. */
export type MiddlewareResponse = ResponseOf<OperationName>;

/**
 * One function around every call of a client, on either wire: it may change the call, answer it by itself, look at
 * the answer, or throw. The first of a list is the outermost. The deadline covers it too.
 *
 * @example
 * const traced: Middleware = (call, next) => next({ ...call, headers: { ...call.headers, "x-request-id": id() } });
 */
export type Middleware = (
  call: MiddlewareCall,
  next: (call: MiddlewareCall) => Promise<MiddlewareResponse>,
) => Promise<MiddlewareResponse>;
