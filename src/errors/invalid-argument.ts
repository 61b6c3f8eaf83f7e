import { ServingError, type ServingErrorDetails } from "./serving-error.ts";

/** A request that is wrong before anything is sent: what was wrong, what was expected, what was found. */
export function invalidArgument(message: string, details: Partial<ServingErrorDetails> = {}): ServingError {
  return new ServingError(message, { ...details, code: "INVALID_ARGUMENT", kind: "invalid" });
}
