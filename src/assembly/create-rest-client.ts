import { parseAddress } from "../client/address.ts";
import { createClientOver } from "../client/client.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { createRestTransport } from "../rest/transport.ts";
import { checkOptions } from "./check-options.ts";
import type { RestClientOptions } from "./wire-options.ts";

/**
 * A client over REST: `http://host`, `https://host`, with a path in front of `/v1` if a gateway wants one, or
 * `http+unix:///path`.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 */
export function createRestClient(address: string, options: RestClientOptions = {}): ServingClient {
  const target = parseAddress(address, "createRestClient");
  if (target.wire !== "rest") {
    throw new TypeError(
      `createRestClient: the address must begin with http:, https: or http+unix:, got ${target.endpoint}`,
    );
  }
  const { settings, transport } = checkOptions(options, target, "createRestClient");
  return createClientOver(createRestTransport({ ...transport, dispatcher: options.dispatcher }), settings);
}
