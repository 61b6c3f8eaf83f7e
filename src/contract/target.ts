/** A server's address after it was read: what a transport is opened with. */
export interface Target {
  readonly wire: "grpc" | "rest";
  /** Whether TLS is spoken. */
  readonly secure: boolean;
  /** Name or address without brackets; `""` for a unix socket. */
  readonly host: string;
  /** 8500 for gRPC and 8501 for REST where the address names none; 0 for a unix socket. */
  readonly port: number;
  /** The IP address to connect to where `host` has been looked up already; TLS and the server still go by `host`. */
  readonly address?: string | undefined;
  readonly socketPath: string | undefined;
  /** In front of `/v1/…` on REST, for gateways: `""` or `/prefix` without a slash at its end. */
  readonly pathPrefix: string;
  /** The address as errors and logs show it: `grpc://localhost:8500`. */
  readonly endpoint: string;
}
