import { ServingError } from "../errors/serving-error.ts";

/**
 * A call's own deadline has come. `phase` is what it was doing then, where that is known; `tries` what became of those
 * before, as {@link describeTries} says it.
 */
export function timeoutError(timeoutMs: number, phase: string | undefined, tries?: string): ServingError {
  const what =
    phase === undefined
      ? `timeoutMs ${timeoutMs} was over before anything was sent`
      : `no answer within timeoutMs ${timeoutMs} (${phase})`;
  const message = tries === undefined ? what : `${what}; ${tries}`;
  return new ServingError(message, { code: "DEADLINE_EXCEEDED", kind: "timeout" });
}
