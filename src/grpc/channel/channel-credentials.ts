import { isIP, type Socket } from "node:net";
import { connect, createSecureContext, type SecureContext } from "node:tls";
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
  return new TlsCredentials(createSecureContext(toSecureContextOptions(tls ?? {})), target.host || "localhost");
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

type Connector = ReturnType<ChannelCredentials["_createSecureConnector"]>;

/**
 * TLS as grpc-js does it, but for one thing: grpc-js sends an IP address as the name of the server (SNI), which
 * RFC 6066 forbids and Node warns about. An address is checked against the certificate all the same.
 *
 * @see grpc-js build/src/channel-credentials.js SecureConnectorImpl
 */
class TlsCredentials extends ChannelCredentials {
  readonly #secureContext: SecureContext;
  readonly #host: string;

  constructor(secureContext: SecureContext, host: string) {
    super();
    this.#secureContext = secureContext;
    this.#host = host;
  }

  _isSecure(): boolean {
    return true;
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  _createSecureConnector(
    ...[, options, callCredentials]: Parameters<ChannelCredentials["_createSecureConnector"]>
  ): Connector {
    const host = options["grpc.ssl_target_name_override"] ?? this.#host;
    const secureContext = this.#secureContext;
    const ofCalls = callCredentials ?? grpcCredentials.createEmpty();
    return {
      waitForReady: () => Promise.resolve(),
      getCallCredentials: () => ofCalls,
      destroy: () => {},
      connect: (socket) =>
        new Promise((resolve, reject) => {
          const name = isIP(host) === 0 ? { servername: host } : {};
          const secured = connect({ socket, secureContext, host, ...name, ALPNProtocols: ["h2"] }, () =>
            resolve({ socket: secured, secure: true }),
          );
          secured.on("error", reject);
        }),
    };
  }
}

/** What a channel is told about the connections grpc-js makes for it. */
export interface ConnectionEvents {
  /** TCP stands, or the unix socket; TLS and HTTP/2 come next. */
  onSocket(socket: Socket): void;
  /** TLS failed, with Node's own error: grpc-js passes on no more than its text. */
  onHandshakeError(error: unknown): void;
}

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
