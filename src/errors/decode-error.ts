import { ServingError, type ServingErrorDetails } from "./serving-error.ts";

/** A reply that is framed well but says something that cannot be believed. `where` is a field or an offset. */
export function decodeError(message: string, details: Partial<ServingErrorDetails> = {}): ServingError {
  return new ServingError(message, { ...details, code: "INTERNAL", kind: "decode" });
}

/** A message above a limit of this client, incoming or outgoing. Both sizes belong in the text. */
export function tooLargeError(message: string, details: Partial<ServingErrorDetails> = {}): ServingError {
  return new ServingError(message, { ...details, code: "RESOURCE_EXHAUSTED", kind: "too_large", retryable: false });
}
