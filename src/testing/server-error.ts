import type { Code } from "../errors/code.ts";
import { ServingError } from "../errors/serving-error.ts";

/** A failure as the server words it: the status code and the text that go on the wire, whichever wire that is. */
export class ServerError extends Error {
  readonly code: Code;

  constructor(code: Code, message: string) {
    super(message);
    this.name = "ServerError";
    this.code = code;
  }

  /** What the C++ server prints for a status: the code's name in front of the text. */
  toStatusText(): string {
    return `${this.code}: ${this.message}`;
  }
}

/**
 * Anything thrown while a call is answered, as a status. A model function chooses its code by throwing a
 * `ServingError`; whatever else it throws is INTERNAL.
 */
export function toServerError(thrown: unknown): ServerError {
  if (thrown instanceof ServerError) return thrown;
  if (thrown instanceof ServingError) return new ServerError(thrown.code, thrown.rawMessage);
  return new ServerError("INTERNAL", thrown instanceof Error ? thrown.message : String(thrown));
}

export function invalid(message: string): ServerError {
  return new ServerError("INVALID_ARGUMENT", message);
}
