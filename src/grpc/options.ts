import type { ChannelCredentials, ChannelOptions } from "@grpc/grpc-js";
import type { TransportOptions } from "../contract/transport-options.ts";

/** What a gRPC transport is opened with. */
export type GrpcTransportOptions = TransportOptions & {
  /** Settings of grpc-js, merged over ours key by key: what is given here wins. */
  readonly channelOptions?: ChannelOptions | undefined;
  /** grpc-js credentials, where `tls` is not enough (ALTS, an own certificate provider). Take the place of `tls`. */
  readonly credentials?: ChannelCredentials | undefined;
};
