import { ServingError, type ServingErrorDetails } from "./serving-error.ts";

/** Something this wire cannot do, with what to use instead. Raised before anything is sent. */
export function unsupported(message: string, details: Partial<ServingErrorDetails> = {}): ServingError {
  return new ServingError(message, { ...details, code: "UNIMPLEMENTED", kind: "unsupported" });
}
