import { type Address, parseAddresses } from "../client/addresses.ts";
import { createClientOver } from "../client/client.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { createRestTransport } from "../rest/transport.ts";
import { checkOptions } from "./check-options.ts";
import { transportOver } from "./transport-over.ts";
import type { RestClientOptions } from "./wire-options.ts";

/**
 * A client over REST: `http://host`, `https://host`, with a path in front of `/v1` if a gateway wants one, or
 * `http+unix:///path`.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 */
export function createRestClient(address: Address, options: RestClientOptions = {}): ServingClient {
  const targets = parseAddresses(address, "createRestClient");
  const [target] = targets;
  if (target.wire !== "rest") {
    throw new TypeError(
      `createRestClient: the address must begin with http:, https: or http+unix:, got ${target.endpoint}`,
    );
  }
  const checked = checkOptions(options, targets, "createRestClient");
  const { dispatcher } = options;
  const transport = transportOver(targets, options, checked, (each) =>
    createRestTransport({ ...checked.transport, target: each, dispatcher }),
  );
  return createClientOver(transport, checked.settings);
}
