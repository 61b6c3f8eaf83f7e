import type { Pem } from "../contract/tls.ts";

/** TLS of the test server: of gRPC itself, and on REST as a proxy in front would speak it. */
export interface ServerTlsOptions {
  readonly cert: Pem;
  readonly key: Pem;
  /** Certificates that clients' own are checked against. */
  readonly ca?: Pem | undefined;
  /** Demands a certificate of every client (mutual TLS). @default false */
  readonly clientVerify?: boolean | undefined;
}
