import { type CheckedOptions, checkClientOptions } from "../client/check-options.ts";
import type { ClientOptions } from "../client/options.ts";
import type { Target } from "../contract/target.ts";
import { type WireOptions, wireOptionsProblem, wireOptionsShape } from "./wire-options.ts";

/**
 * Checks all options of a client for its servers: those of both wires, and those of the one wire they are reached by.
 *
 * @throws TypeError
 */
export function checkOptions(
  options: ClientOptions & WireOptions,
  targets: readonly [Target, ...Target[]],
  caller: string,
): CheckedOptions {
  const [first, ...others] = targets.map((target) => checkFor(options, target, caller));
  if (others.length > 0 && options.balancing === false) {
    throw new TypeError(`${caller}: option "balancing" is false, but there are ${targets.length} addresses`);
  }
  // What may go to one of the servers must be fit to go to each.
  return others.find(({ settings }) => !settings.mayCarryCredentials) ?? first!;
}

function checkFor(options: ClientOptions & WireOptions, target: Target, caller: string): CheckedOptions {
  const problem = wireOptionsProblem(options ?? {}, target);
  if (problem !== undefined) throw new TypeError(`${caller}: ${problem}`);
  return checkClientOptions(options, {
    caller,
    target,
    wireShape: wireOptionsShape(),
    wireCredentials: options?.credentials !== undefined,
  });
}
