import { type Address, parseAddresses } from "../client/addresses.ts";
import { createClientOver } from "../client/client.ts";
import type { ClientOptions } from "../client/options.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { checkOptions } from "./check-options.ts";
import { lazyTransport } from "./lazy-transport.ts";
import { loadTransport } from "./load-transport.ts";
import { transportOver } from "./transport-over.ts";
import type { WireOptions } from "./wire-options.ts";

/**
 * A client of one TensorFlow Serving, or of several that serve the same. The scheme of the address says how it is spoken
 * to: `grpc: grpcs: grpc+unix:` or `http: https: http+unix:`, on the ports 8500 and 8501 where none is named.
 *
 * Calls are spread over the addresses of a list, and over those that a name stands for: see the option `balancing`.
 * Nothing is connected, looked up or loaded yet: the first call, or `connect()`, does that.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 * @example
 * const client = createClient("grpc://localhost:8500", { timeoutMs: 5_000 });
 * const replicas = createClient(["grpc://a:8500", "grpc://b:8500"]);
 */
export function createClient(address: Address, options: ClientOptions & WireOptions = {}): ServingClient {
  const targets = parseAddresses(address, "createClient");
  const checked = checkOptions(options, targets, "createClient");
  const { channelOptions, credentials, dispatcher } = options;
  const transport = transportOver(targets, options, checked, (target) =>
    lazyTransport(target.wire, target.endpoint, () =>
      loadTransport({ ...checked.transport, target, channelOptions, credentials, dispatcher }),
    ),
  );
  return createClientOver(transport, checked.settings);
}
