import { parseAddress } from "../client/address.ts";
import { createClientOver } from "../client/client.ts";
import type { ClientOptions } from "../client/options.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { checkOptions } from "./check-options.ts";
import { lazyTransport } from "./lazy-transport.ts";
import { loadTransport } from "./load-transport.ts";
import type { WireOptions } from "./wire-options.ts";

/**
 * A client of one TensorFlow Serving. The scheme of the address says how it is spoken to: `grpc: grpcs: grpc+unix:` or
 * `http: https: http+unix:`, on the ports 8500 and 8501 where none is named.
 *
 * Nothing is connected or loaded yet: the first call loads the library of its wire and opens the connection.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 * @example
 * const client = createClient("grpc://localhost:8500", { timeoutMs: 5_000 });
 */
export function createClient(address: string, options: ClientOptions & WireOptions = {}): ServingClient {
  const target = parseAddress(address, "createClient");
  const { settings, transport } = checkOptions(options, target, "createClient");
  const { channelOptions, credentials, dispatcher } = options;
  const open = () => loadTransport({ ...transport, channelOptions, credentials, dispatcher });
  return createClientOver(lazyTransport(target.wire, target.endpoint, open), settings);
}
