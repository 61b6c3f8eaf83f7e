import type { Code } from "../errors/code.ts";
import type { ErrorKind } from "../errors/kind.ts";
import type { EventFault } from "./events.ts";
import type { OperationName } from "./operations.ts";

/** What every event of a call begins with: whose it is. */
export interface CallIdentity {
  /** The same in all events of one call, and in those of no other call of this process. */
  readonly callId: string;
  readonly operation: OperationName;
  /** Undefined where the operation names no single model, or the request is not one. */
  readonly model: string | undefined;
  readonly wire: "grpc" | "rest" | "fake";
}

/** A call has begun: its request has not been looked at yet. */
export interface CallStarted extends CallIdentity {
  readonly type: "callStarted";
  /** Where the client points. */
  readonly endpoint: string;
}

/** A call has ended, well or not: the last event of each call that has begun. */
export interface CallEnded extends CallIdentity {
  readonly type: "callEnded";
  /** `aborted`: by the caller's signal. */
  readonly outcome: "ok" | "failed" | "aborted";
  /** `CANCELLED` for an aborted call, `UNKNOWN` for what a middleware threw. */
  readonly code: Code | "OK";
  /** Of a failure; undefined otherwise. */
  readonly kind: ErrorKind | undefined;
  /** Where its last attempt went; where the client points when there was none. */
  readonly endpoint: string;
  /** From the call to its end, waiting included. */
  readonly durationMs: number;
  /** How many attempts have ended. */
  readonly attempts: number;
  /** Of the last reply, on REST; undefined where none came. */
  readonly httpStatus: number | undefined;
  /** Of the last message or body sent, and received after decompression. */
  readonly requestBytes: number | undefined;
  readonly responseBytes: number | undefined;
  /** The version that answered, where the answer says it (gRPC). */
  readonly servedVersion: number | bigint | undefined;
}

/** A try begins. Which server it goes to is known when it ends. */
export interface AttemptStarted extends CallIdentity {
  readonly type: "attemptStarted";
  /** Counted from 1; a hedge counts too. */
  readonly attempt: number;
  /** As asked for. */
  readonly version: number | bigint | undefined;
  readonly versionLabel: string | undefined;
  readonly signatureName: string | undefined;
}

/** A try has ended. One that nobody waited for any more may end after its call. */
export interface AttemptEnded extends CallIdentity {
  readonly type: "attemptEnded";
  readonly attempt: number;
  readonly endpoint: string;
  /** `CANCELLED` where the call was over before the try was. */
  readonly code: Code | "OK";
  readonly kind: ErrorKind | undefined;
  /** Of its reply, on REST; undefined where none came. */
  readonly httpStatus: number | undefined;
  /** From its beginning to its end, waiting for a connection included. */
  readonly durationMs: number;
}

/** One more try follows. */
export interface RetryScheduled extends CallIdentity {
  readonly type: "retryScheduled";
  /** The one that failed. */
  readonly attempt: number;
  readonly fault: EventFault;
  /** How long it waits before the next, in milliseconds. */
  readonly delayMs: number;
}

/** A failure that one more try might have mended, had it been allowed. */
export interface RetryRefused extends CallIdentity {
  readonly type: "retryRefused";
  /** The one that failed. */
  readonly attempt: number;
  readonly fault: EventFault;
  /** The budget that all calls share is used up, or the next try would begin after the call's deadline. */
  readonly reason: "budget" | "deadline";
}

/** A call has left the queue of the concurrency limit. One that found a place at once was never in it. */
export interface QueueWaited extends CallIdentity {
  readonly type: "queueWaited";
  readonly waitedMs: number;
  /** False where it ended while it waited. */
  readonly admitted: boolean;
}

/** A call was rejected because the queue of the concurrency limit is full. */
export interface QueueRejected extends CallIdentity {
  readonly type: "queueRejected";
  /** Calls under way, which is the limit at this moment, and calls that wait. */
  readonly underWay: number;
  readonly waiting: number;
}

/** What happened to one call. */
export type CallEvent =
  | CallStarted
  | QueueWaited
  | QueueRejected
  | AttemptStarted
  | AttemptEnded
  | RetryScheduled
  | RetryRefused
  | CallEnded;

/** An event as the one who tells it gives it: whose it is comes on top. */
export type CallEventDetails<E extends CallEvent = CallEvent> = E extends CallEvent
  ? Omit<E, keyof CallIdentity>
  : never;

/** Tells of one call. It is there only while somebody listens, so that nothing is put together for nobody. */
export interface CallEvents {
  readonly identity: CallIdentity;
  /** Never throws. */
  tell(details: CallEventDetails): void;
}
