import type { BalancingOptions } from "../../../src/contract/balancing.ts";

/** A resolver that knows no name, the same and as fast on every network. */
export function unknownNames() {
  let count = 0;
  const lookup: BalancingOptions["lookup"] = async (hostname) => {
    count++;
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${hostname}`), { code: "ENOTFOUND", hostname });
  };
  return {
    balancing: { lookup },
    /** How often it was asked. */
    get count() {
      return count;
    },
  };
}
