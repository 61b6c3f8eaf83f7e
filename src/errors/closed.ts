import { ServingError } from "./serving-error.ts";

/** The client was closed, before the call or while it was under way. A new one each time: errors are annotated in place. */
export function closedError(message: string): ServingError {
  return new ServingError(message, { code: "CANCELLED", kind: "closed" });
}
