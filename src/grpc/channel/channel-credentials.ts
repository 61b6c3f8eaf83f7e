import type { Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { ChannelCredentials, credentials as grpcCredentials } from "@grpc/grpc-js";
import type { TlsOptions } from "../../contract/tls.ts";
import type { GrpcTransportOptions } from "../options.ts";

/**
 * The credentials of a transport: the caller's own, else TLS as asked for, else none.
 *
 * @throws Error from OpenSSL when a certificate or key cannot be read; it names no content
 */
export function toChannelCredentials(options: GrpcTransportOptions): ChannelCredentials {
  const { credentials, target, tls } = options;
  if (credentials !== undefined) return credentials;
  if (!target.secure) return grpcCredentials.createInsecure();
  return grpcCredentials.createFromSecureContext(createSecureContext(toSecureContextOptions(tls ?? {})));
}

function toSecureContextOptions({ ca, cert, key, minVersion }: TlsOptions) {
  return {
    ...(ca === undefined ? {} : { ca: toPem(ca) }),
    ...(cert === undefined ? {} : { cert: toPem(cert) }),
    ...(key === undefined ? {} : { key: toPem(key) }),
    minVersion: minVersion ?? "TLSv1.2",
  } as const;
}

function toPem(pem: string | Uint8Array): string | Buffer {
  return typeof pem === "string" ? pem : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
}

/** What a channel is told about the connections grpc-js makes for it. */
export interface ConnectionEvents {
  /** TCP stands, or the unix socket; TLS and HTTP/2 come next. */
  onSocket(socket: Socket): void;
  /** TLS failed, with Node's own error: grpc-js passes on no more than its text. */
  onHandshakeError(error: unknown): void;
}

type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/**
 * The same credentials, with somebody looking on. Without it a peer that accepts and says nothing would keep its
 * socket open for ever: grpc-js has no limit for connecting, and gives no access to a socket that is not ready.
 */
export class WatchedCredentials extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  readonly #events: ConnectionEvents;

  constructor(inner: ChannelCredentials, events: ConnectionEvents) {
    super();
    this.#inner = inner;
    this.#events = events;
  }

  _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(...args: Parameters<ChannelCredentials["_createSecureConnector"]>): Connector {
    const connector = this.#inner._createSecureConnector(...args);
    const events = this.#events;
    return {
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
      connect: async (socket) => {
        events.onSocket(socket);
        try {
          return await connector.connect(socket);
        } catch (error) {
          events.onHandshakeError(error);
          throw error;
        }
      },
    };
  }
}
