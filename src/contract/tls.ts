/** PEM text, or its bytes. */
export type Pem = string | Uint8Array;

/** TLS of both wires. `cert` and `key` go together: they are the client's own (mutual TLS). */
export interface TlsOptions {
  /** Certificates to trust instead of the system's. */
  readonly ca?: Pem | undefined;
  readonly cert?: Pem | undefined;
  readonly key?: Pem | undefined;
  /** The name the server's certificate must carry, where it is not the host's. */
  readonly serverName?: string | undefined;
  /** @default "TLSv1.2" */
  readonly minVersion?: "TLSv1.2" | "TLSv1.3" | undefined;
}
