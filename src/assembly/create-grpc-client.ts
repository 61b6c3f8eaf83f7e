import { type Address, parseAddresses } from "../client/addresses.ts";
import { createClientOver } from "../client/client.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { createGrpcTransport } from "../grpc/transport.ts";
import { checkOptions } from "./check-options.ts";
import { transportOver } from "./transport-over.ts";
import type { GrpcClientOptions } from "./wire-options.ts";

/**
 * A client over gRPC: `grpc://host`, `grpcs://host` or `grpc+unix:///path`.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 */
export function createGrpcClient(address: Address, options: GrpcClientOptions = {}): ServingClient {
  const targets = parseAddresses(address, "createGrpcClient");
  const [target] = targets;
  if (target.wire !== "grpc") {
    throw new TypeError(
      `createGrpcClient: the address must begin with grpc:, grpcs: or grpc+unix:, got ${target.endpoint}`,
    );
  }
  const checked = checkOptions(options, targets, "createGrpcClient");
  const { channelOptions, credentials } = options;
  const transport = transportOver(targets, options, checked, (each) =>
    createGrpcTransport({ ...checked.transport, target: each, channelOptions, credentials }),
  );
  return createClientOver(transport, checked.settings);
}
