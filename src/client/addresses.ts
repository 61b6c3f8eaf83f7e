import type { Target } from "../contract/target.ts";
import { parseAddress } from "./address.ts";

/** One address, or those of the replicas of one service. */
export type Address = string | readonly string[];

/**
 * Reads one address or a list of them, each once however often it is named.
 *
 * @throws TypeError for an address that cannot be, an empty list, and addresses of different schemes
 */
export function parseAddresses(address: unknown, caller: string): readonly [Target, ...Target[]] {
  if (!Array.isArray(address)) return [parseAddress(address, caller)];
  const targets = new Map<string, Target>();
  for (const each of address as readonly unknown[]) {
    const target = parseAddress(each, caller);
    if (!targets.has(target.endpoint)) targets.set(target.endpoint, target);
  }
  const [first, ...others] = targets.values();
  if (first === undefined) throw new TypeError(`${caller}: the list of addresses is empty`);
  const other = others.find((target) => schemeOf(target) !== schemeOf(first));
  if (other !== undefined) {
    throw new TypeError(
      `${caller}: the addresses of one client must have the same scheme, got ${first.endpoint} and ${other.endpoint}`,
    );
  }
  return [first, ...others];
}

function schemeOf({ endpoint }: Target): string {
  return endpoint.slice(0, endpoint.indexOf(":"));
}
