import type { Code } from "./code.ts";
import type { ErrorKind } from "./kind.ts";

const BRAND = Symbol.for("tfserving.ServingError");

/** One try on the wire, as the error and the response details report it. */
export interface Attempt {
  /** Counted from 1. */
  readonly attempt: number;
  /** Where it went, for example `grpc://10.0.0.5:8500`. Never holds user-info. */
  readonly endpoint: string;
  /** `OK` or the code it failed with. */
  readonly code: Code | "OK";
  /** From the start of this try to its end. */
  readonly durationMs: number;
}

export interface ServingErrorDetails {
  readonly code: Code;
  readonly kind: ErrorKind;
  /** The operation's name, `predict` for one. */
  readonly operation?: string | undefined;
  readonly model?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly attempts?: readonly Attempt[] | undefined;
  /** Whether sending the same request again may succeed. @default by kind: `unavailable` and `overloaded` */
  readonly retryable?: boolean | undefined;
  readonly cause?: unknown;
}

/** What {@link ServingError.toJSON} returns: everything but the stack and the cause. */
export interface ServingErrorJson {
  readonly name: string;
  readonly code: Code;
  readonly kind: ErrorKind;
  readonly message: string;
  readonly operation?: string;
  readonly model?: string;
  readonly endpoint?: string;
  readonly attempts: readonly Attempt[];
  readonly retryable: boolean;
}

/**
 * Every failure of a call, on both wires.
 *
 * It is thrown when a request cannot be sent, is refused, is not answered in time or is answered with
 * something that cannot be read. It is *not* thrown when the caller's own signal aborts a call (that
 * rejects with the signal's reason) nor for wrong client options (those are a `TypeError` at once).
 * It never holds a payload, a header value or a credential.
 */
export class ServingError extends Error {
  /** One of the 16 gRPC names, on REST too. */
  readonly code: Code;
  /** Finer than the code: see {@link ErrorKind}. */
  readonly kind: ErrorKind;
  /** The message without the `[CODE]` in front, and in the server's words where it is the server's. */
  readonly rawMessage: string;
  readonly operation: string | undefined;
  readonly model: string | undefined;
  readonly endpoint: string | undefined;
  readonly attempts: readonly Attempt[];
  /** Whether the same request may succeed when it is sent again. */
  readonly retryable: boolean;

  constructor(rawMessage: string, details: ServingErrorDetails) {
    super(`[${details.code}] ${rawMessage}`, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = "ServingError";
    this.code = details.code;
    this.kind = details.kind;
    this.rawMessage = rawMessage;
    this.operation = details.operation;
    this.model = details.model;
    this.endpoint = details.endpoint;
    this.attempts = details.attempts ?? [];
    this.retryable = details.retryable ?? (details.kind === "unavailable" || details.kind === "overloaded");
  }

  /** True for errors of another copy of this package too: the ESM and the CommonJS build can meet in one process. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    // biome-ignore lint/complexity/noThisInStatic: a subclass inherits this method and must not claim every ServingError
    if (this !== ServingError) return Function.prototype[Symbol.hasInstance].call(this, value);
    return typeof value === "object" && value !== null && (value as { [BRAND]?: unknown })[BRAND] === true;
  }

  toJSON(): ServingErrorJson {
    return {
      name: this.name,
      code: this.code,
      kind: this.kind,
      message: this.message,
      ...(this.operation === undefined ? {} : { operation: this.operation }),
      ...(this.model === undefined ? {} : { model: this.model }),
      ...(this.endpoint === undefined ? {} : { endpoint: this.endpoint }),
      attempts: this.attempts,
      retryable: this.retryable,
    };
  }
}

// On the prototype, for every instance at once.
Object.defineProperty(ServingError.prototype, BRAND, { value: true });
