import type { EndpointState } from "../contract/endpoint-state.ts";

/** The one server of a client that has nothing to choose: nobody measures it, and it is never left out. */
export function loneEndpoint(address: string, outstanding: number): EndpointState {
  return {
    address,
    state: "active",
    ewmaMs: undefined,
    outstanding,
    faultsInARow: 0,
    retryInMs: undefined,
    lastFault: undefined,
    circuit: undefined,
  };
}
