import { lookup } from "node:dns/promises";
import type { LookupAddresses } from "../contract/balancing.ts";

/** The system's resolver, in the order that it prefers: hosts file, search domains and all. */
export const systemLookup: LookupAddresses = async (hostname) => {
  const found = await lookup(hostname, { all: true, order: "verbatim" });
  return found.map(({ address }) => address);
};
