import { ServingError } from "../errors/serving-error.ts";

/** A call's own deadline has come. `phase` is what it was doing then, where that is known. */
export function timeoutError(timeoutMs: number, phase: string | undefined): ServingError {
  const message =
    phase === undefined
      ? `timeoutMs ${timeoutMs} was over before anything was sent`
      : `no answer within timeoutMs ${timeoutMs} (${phase})`;
  return new ServingError(message, { code: "DEADLINE_EXCEEDED", kind: "timeout" });
}
