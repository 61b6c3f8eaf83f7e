/** Door `tfserving/grpc`: the client of this wire alone, its transport, and the server's own messages. */
export { createGrpcClient } from "./assembly/create-grpc-client.ts";
export type { GrpcClientOptions, GrpcOptions } from "./assembly/wire-options.ts";
export * as messages from "./grpc/messages.ts";
export type { GrpcTransportOptions } from "./grpc/options.ts";
export { createGrpcTransport } from "./grpc/transport.ts";
