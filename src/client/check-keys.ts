import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import { callOptionsShape } from "./option-schemas.ts";

/**
 * Checks that `value` is an object with known keys only: a misspelt key would otherwise be left out in silence.
 *
 * @throws ServingError (INVALID_ARGUMENT) naming the key and the one that was likely meant
 */
export function checkKeys(value: unknown, known: readonly string[], subject: string): void {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidArgument(`${subject} must be an object, got ${describeType(value)}`);
  }
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue;
    const hint = Object.hasOwn(callOptionsShape(), key)
      ? ": it goes into the second argument, the options"
      : didYouMean(key, known);
    throw invalidArgument(`${subject} has the unknown key ${quote(key)}${hint}`);
  }
}
