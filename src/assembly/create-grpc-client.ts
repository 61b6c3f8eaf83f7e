import { parseAddress } from "../client/address.ts";
import { createClientOver } from "../client/client.ts";
import type { ServingClient } from "../client/serving-client.ts";
import { createGrpcTransport } from "../grpc/transport.ts";
import { checkOptions } from "./check-options.ts";
import type { GrpcClientOptions } from "./wire-options.ts";

/**
 * A client over gRPC: `grpc://host`, `grpcs://host` or `grpc+unix:///path`.
 *
 * @throws TypeError for an address or an option that cannot be, naming it
 */
export function createGrpcClient(address: string, options: GrpcClientOptions = {}): ServingClient {
  const target = parseAddress(address, "createGrpcClient");
  if (target.wire !== "grpc") {
    throw new TypeError(
      `createGrpcClient: the address must begin with grpc:, grpcs: or grpc+unix:, got ${target.endpoint}`,
    );
  }
  const { settings, transport } = checkOptions(options, target, "createGrpcClient");
  const { channelOptions, credentials } = options;
  return createClientOver(createGrpcTransport({ ...transport, channelOptions, credentials }), settings);
}
