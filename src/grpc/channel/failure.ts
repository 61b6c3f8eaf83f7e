import type { Code } from "../../errors/code.ts";
import type { ErrorKind } from "../../errors/kind.ts";
import type { RetryFacts } from "../../errors/retry-facts.ts";

/** How a call ended, as grpc-js reports it. Not even the code can be trusted to be a number. */
export interface EndStatus {
  readonly code: unknown;
  readonly details: unknown;
}

/** What a failure is read with. */
export interface FailureContext {
  readonly endpoint: string;
  readonly secure: boolean;
  readonly maxMessageBytes: number;
  /** Node's own error of the last TLS handshake, where that failed. */
  readonly handshakeError?: unknown;
}

/** A failure in this library's words. */
export interface Failure {
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly message: string;
  /** Where the kind alone does not tell whether the same request may succeed. */
  readonly retryable?: boolean;
  /** Where code and kind do not tell what one more try may bring. */
  readonly facts?: Partial<RetryFacts>;
}

/** Nothing of the request has reached a server that would have worked on it. */
export const UNPROCESSED: Partial<RetryFacts> = { delivery: "never" };
