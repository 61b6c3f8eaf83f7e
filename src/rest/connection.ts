import type { Socket } from "node:net";
import { buildConnector, type Dispatcher, Pool } from "undici";
import type { Target } from "../contract/target.ts";
import type { TlsOptions } from "../contract/tls.ts";
import { ConnectPace } from "./connect-pace.ts";
import type { RestTransportOptions } from "./options.ts";

/** How long an idle connection is kept. Below the five seconds after which many servers close it. */
const KEEP_IDLE_MS = 4_000;

/** The connections to one server. */
export interface Connection {
  readonly dispatcher: Dispatcher;
  /** Scheme, host and port, for undici. */
  readonly origin: string;
  /** How long no new connection will be tried because the last ones failed, in milliseconds. */
  pauseMs(): number;
  /** Ends the connections that are this transport's own. */
  close(): Promise<void>;
}

/**
 * Opens a pool of HTTP/1.1 connections, or takes the caller's dispatcher. Nothing is connected before the first
 * request. undici's own timeouts are off: they are coarse and count silence, where a call has one deadline.
 *
 * @throws TypeError when both a dispatcher and TLS options are given: the dispatcher has its own
 */
export function connect(options: RestTransportOptions): Connection {
  const origin = originOf(options.target);
  if (options.dispatcher !== undefined) {
    if (options.tls !== undefined) {
      throw new TypeError('options "dispatcher" and "tls" exclude each other: TLS is the dispatcher\'s own');
    }
    return { dispatcher: options.dispatcher, origin, pauseMs: () => 0, close: async () => {} };
  }
  const keepIdleMs = toTimerMs(options.keepalive === false ? KEEP_IDLE_MS : (options.keepalive.timeMs ?? KEEP_IDLE_MS));
  const pace = new ConnectPace();
  const pool = new Pool(origin, {
    connections: Number.isFinite(options.connections) ? options.connections : null,
    // 0 asks for a connection a request and says so to the server.
    pipelining: options.keepalive === false ? 0 : 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: paced(connector(options), pace),
    keepAliveTimeout: keepIdleMs,
    // A server's hint may shorten that, never lengthen it.
    keepAliveMaxTimeout: keepIdleMs,
  });
  return { dispatcher: pool, origin, pauseMs: () => pace.pauseMs(performance.now()), close: () => pool.destroy() };
}

function originOf({ secure, host, port, socketPath }: Target): string {
  const scheme = secure ? "https" : "http";
  if (socketPath !== undefined) return `${scheme}://localhost`;
  return `${scheme}://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/**
 * undici's connector with a timeout of its own: undici's fires up to half a second late. Where the name was looked up
 * already it connects to that address, and the name stays what TLS and the server go by.
 */
function connector({ target, tls, connectTimeoutMs }: RestTransportOptions): buildConnector.connector {
  const connectByName = buildConnector({
    ...(target.socketPath === undefined ? {} : { socketPath: target.socketPath }),
    ...(target.secure ? tlsOptions(tls) : {}),
    allowH2: false,
    autoSelectFamily: true,
    timeout: 0,
  } as buildConnector.BuildOptions);
  const { address } = target;
  const connectSocket: buildConnector.connector = (request, callback) =>
    connectByName(address === undefined ? request : { ...request, hostname: address }, (...result) => {
      const [, socket] = result;
      // Before undici listens, so that whoever is told of the error can ask.
      socket?.once("error", (error) => READ_BEFORE.set(error, socket.bytesRead));
      callback(...result);
    });
  if (connectTimeoutMs === Number.POSITIVE_INFINITY) return connectSocket;
  return (request, callback) => {
    const timer = setTimeout(() => socket.destroy(new ConnectTimeout(connectTimeoutMs)), toTimerMs(connectTimeoutMs));
    // The connector returns its socket, though its type does not say so.
    const socket = connectSocket(request, (...result) => {
      clearTimeout(timer);
      callback(...result);
    }) as unknown as Socket;
  };
}

/** Tries no more connections to a server that takes none than its pace allows. */
function paced(connectSocket: buildConnector.connector, pace: ConnectPace): buildConnector.connector {
  return (request, callback) => {
    const postponed = pace.begin(performance.now());
    if (postponed !== undefined) {
      // Not before the connector has returned: undici expects its errors later.
      process.nextTick(callback, postponed, null);
      return;
    }
    connectSocket(request, (...result) => {
      const [error, socket] = result;
      if (error === null) {
        pace.opened();
        socket.once("close", () => pace.closed());
      } else {
        pace.failed(error);
      }
      callback(...result);
    });
  };
}

const READ_BEFORE = new WeakMap<object, number>();

/** How much had been read from a connection when it failed, as far as that is known. */
export function bytesReadBefore(error: unknown): number {
  if (typeof error !== "object" || error === null) return 0;
  const { socket } = error as { readonly socket?: { readonly bytesRead?: unknown } };
  const told = socket?.bytesRead;
  return typeof told === "number" ? told : (READ_BEFORE.get(error) ?? 0);
}

/** As much as a timer of Node's can wait; a larger number would fire at once. */
function toTimerMs(durationMs: number): number {
  return Math.min(durationMs, 0x7fff_ffff);
}

class ConnectTimeout extends Error {
  readonly code = "UND_ERR_CONNECT_TIMEOUT";

  constructor(timeoutMs: number) {
    super(`it took longer than ${timeoutMs} ms (connectTimeoutMs)`);
    this.name = "ConnectTimeout";
  }
}

function tlsOptions(tls: TlsOptions | undefined): object {
  return {
    minVersion: tls?.minVersion ?? "TLSv1.2",
    ...(tls?.ca === undefined ? {} : { ca: toPem(tls.ca) }),
    ...(tls?.cert === undefined ? {} : { cert: toPem(tls.cert) }),
    ...(tls?.key === undefined ? {} : { key: toPem(tls.key) }),
    ...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
  };
}

function toPem(pem: string | Uint8Array): string | Buffer {
  return typeof pem === "string" ? pem : Buffer.from(pem.buffer, pem.byteOffset, pem.byteLength);
}
