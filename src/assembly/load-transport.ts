import type { Transport } from "../contract/transport.ts";
import type { TransportOptions } from "../contract/transport-options.ts";
import { unsupported } from "../errors/unsupported.ts";
import type { WireOptions } from "./wire-options.ts";

/**
 * Loads a wire's library and opens the transport with it. The only place that loads one late; a build points these
 * two imports at the doors that carry the transports.
 *
 * @throws ServingError (UNIMPLEMENTED) when the library is not installed
 */
export async function loadTransport(options: TransportOptions & WireOptions): Promise<Transport> {
  const { wire } = options.target;
  try {
    if (wire === "grpc") return (await import("../grpc/transport.ts")).createGrpcTransport(options);
    return (await import("../rest/transport.ts")).createRestTransport(options);
  } catch (error) {
    const code = (error as { readonly code?: unknown } | null)?.code;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw error;
    const library = wire === "grpc" ? "@grpc/grpc-js" : "undici";
    throw unsupported(`this address needs the package ${library}, which is not installed`, { cause: error });
  }
}
