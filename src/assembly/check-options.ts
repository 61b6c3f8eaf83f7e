import { type CheckedOptions, checkClientOptions } from "../client/check-options.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Target } from "../contract/target.ts";
import { type WireOptions, wireOptionsProblem, wireOptionsShape } from "./wire-options.ts";

/**
 * Checks all options of a client for a server: those of both wires, and those of the one wire that it is reached by.
 *
 * @throws TypeError
 */
export function checkOptions(options: ClientOptions & WireOptions, target: Target, caller: string): CheckedOptions {
  const problem = wireOptionsProblem(options ?? {}, target);
  if (problem !== undefined) throw new TypeError(`${caller}: ${problem}`);
  return checkClientOptions(options, {
    caller,
    target,
    wireShape: wireOptionsShape(),
    wireCredentials: options?.credentials !== undefined,
  });
}
