import type { Code } from "../errors/code.ts";
import type { Attempt } from "../errors/serving-error.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { BatchingSettings } from "./batching.ts";
import type { CallEvents } from "./call-event.ts";
import type { EndpointState } from "./endpoint-state.ts";
import type { OperationName, RequestOf, ResponseOf } from "./operations.ts";
import type { Signature } from "./signature.ts";

/** What travels beside a request from the client to the wire. One object a call, made by the client. */
export interface CallContext {
  /** The moment the whole call ends, on the clock's monotonic time; `Infinity` when there is no limit. */
  readonly deadlineAt: number;
  /** Fires on the caller's abort, on the deadline and on close, with what the call rejects with. */
  readonly cancellation: Cancellation;
  /** The caller's own, for middleware to look at. A wire listens to `cancellation`, which covers it. */
  readonly signal?: AbortSignal | undefined;
  /** Names in lower case; the client's and the call's merged, removed ones gone. */
  readonly headers: Readonly<Record<string, string>>;
  /** How REST lays out a predict. */
  readonly format: "columnar" | "row";
  /** How the call shares requests with others; it goes by itself where left out. */
  readonly batching?: BatchingSettings | undefined;
  /** Whether request messages are compressed. */
  readonly compression: "gzip" | "none";
  /** The signature, where a model handle has loaded it: gives REST answers their dtypes and names. */
  readonly signature?: Signature | undefined;
  /** Which try of the call this is, from 1; a hedge counts as one. */
  readonly attempt: number;
  /** Endpoints that this call has just failed on: where there are others, they are taken. */
  readonly avoid: ReadonlySet<string>;
  /** Whether a request that the server may have worked on already may be sent once more. */
  readonly idempotent: boolean;
  /** How many tries may follow the first one. @default 0 */
  readonly maxRetries?: number | undefined;
  /** How long one try may take, in milliseconds; no limit of its own where left out. */
  readonly attemptTimeoutMs?: number | undefined;
  /** The server has just refused the credential: one that was kept is not good any more. @default false */
  readonly renewAuth?: boolean | undefined;
  /** Written by the wire as the call goes on; read by errors and by `onResponse`. */
  readonly ledger: CallLedger;
  /** Tells what happens to the call; there only while somebody listens. */
  readonly events?: CallEvents | undefined;
}

/** What a call begins with that has failed nowhere yet. */
export const AVOID_NOTHING: ReadonlySet<string> = new Set();

/** What a try failed with, for the text of a timeout. */
export interface TryFault {
  /** Where it went, where that is known. */
  readonly endpoint: string | undefined;
  readonly code: Code;
  readonly message: string;
}

/** What one call did on the wire. */
export interface CallLedger {
  readonly attempts: Attempt[];
  /**
   * Whether somebody reads the headers and trailers of a reply that is well. Nobody but `onResponse` does, and a record
   * of them is a twentieth of a small call's garbage. @default true
   */
  readonly wantsHeaders?: boolean | undefined;
  /** Of the last reply: names in lower case, as the peer sent them. */
  responseHeaders: Readonly<Record<string, string>> | undefined;
  /** gRPC trailers; HTTP trailers where there are any. */
  responseTrailers: Readonly<Record<string, string>> | undefined;
  /** HTTP status of the last reply, on REST. */
  responseStatus?: number | undefined;
  /** Bytes of the message or body as sent, and as received after decompression. */
  requestBytes: number | undefined;
  responseBytes: number | undefined;
  /** How many tries have begun: those under way are not in `attempts` yet. */
  started?: number | undefined;
  /** What its tries failed with so far, the first of them first; there from the first fault on. */
  faults?: TryFault[] | undefined;
  /** Where the try under way goes: written before it begins by whoever chose among several endpoints. */
  endpoint?: string | undefined;
  /** A try of it was refused for overload or ran out of time: the server has more to do than it can. */
  pressed?: boolean | undefined;
  /** What the call is waiting for at this moment, for the text of a timeout: `connecting`, `reading the body`. */
  phase?: string | undefined;
}

/** One operation done. Policies wrap it, transports are at its bottom. */
export type Call = <O extends OperationName>(
  operation: O,
  request: RequestOf<O>,
  context: CallContext,
) => Promise<ResponseOf<O>>;

/** Something put around every call, such as a deadline. It knows no wire. */
export type Policy = (next: Call) => Call;

/**
 * A way to reach one server. `call` never settles later than a cancellation by more than the event loop needs, and
 * rejects with a {@link ServingError} or with the cancellation's reason.
 */
export interface Transport {
  readonly name: "grpc" | "rest" | "fake";
  /** Where calls go, for errors and events: `grpc://localhost:8500`. Without user-info. */
  readonly endpoint: string;
  /** How many servers it could choose at this moment that are not among these. None where left out. */
  alternatives?(avoid: ReadonlySet<string>): number;
  readonly call: Call;
  /**
   * Connects now instead of with the first call. Resolves when a call could be sent, asks for no model.
   * A transport without it has nothing to connect.
   */
  connect?(context: CallContext): Promise<void>;
  /** How each server behind it does; missing where there is one only and nobody keeps account. */
  endpoints?(): readonly EndpointState[];
  /** Ends the connections. Calls still under way have been settled by the client before. */
  close(): Promise<void>;
}
