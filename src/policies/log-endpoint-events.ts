import type { EmitEvent, EndpointEvent } from "../contract/events.ts";
import type { Logger } from "../contract/logger.ts";

const TEXTS: Readonly<Record<EndpointEvent["type"], readonly [level: "warn" | "info", text: string]>> = {
  endpointEjected: ["warn", "an endpoint fails and gets no calls for a while"],
  endpointProbation: ["info", "an endpoint is tried again by one call"],
  endpointRestored: ["info", "an endpoint answers again"],
  addressesChanged: ["info", "the addresses of a name have changed"],
  lookupFailed: ["warn", "a name could not be looked up, its addresses stay as they are"],
  connectionReplaced: ["warn", "calls ran out of time without a byte, the connection is replaced"],
  circuitOpened: ["warn", "the circuit of an endpoint is open, calls to it reject at once"],
  circuitHalfOpened: ["info", "the circuit of an endpoint lets one call through"],
  circuitClosed: ["info", "the circuit of an endpoint is closed again"],
};

/** One line an event. The logger is one that does not throw. */
export function logEndpointEvents(logger: Logger): EmitEvent {
  return ({ type, ...fields }) => {
    const [level, text] = TEXTS[type];
    logger[level]?.(text, fields);
  };
}
