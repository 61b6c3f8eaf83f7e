import type { Logger } from "./logger.ts";
import type { Target } from "./target.ts";
import type { TlsOptions } from "./tls.ts";

/** What both wires are opened with: checked and with every default filled in. */
export interface TransportOptions {
  readonly target: Target;
  readonly tls: TlsOptions | undefined;
  /** Limit of one message or body, both ways, after decompression; in bytes. */
  readonly maxMessageBytes: number;
  /** How long a connection may take to be usable (TCP, TLS, and HTTP/2 settings on gRPC), in milliseconds. */
  readonly connectTimeoutMs: number;
  readonly keepalive: KeepaliveOptions | false;
  /** How many connections at most (REST), or how many channels calls are spread over (gRPC). */
  readonly connections: number;
  readonly logger: Logger | undefined;
}

/** Pings on a silent connection while calls are in flight (gRPC), and how long an idle one is kept (REST). */
export interface KeepaliveOptions {
  /**
   * gRPC: silence after which a ping is sent. REST: how long an idle connection is kept. In milliseconds.
   * gRPC servers answer more than two pings a silent call with `too_many_pings`: not below half the longest timeout.
   * @default gRPC: 30_000, or half of `timeoutMs` where that is more. REST: 4_000
   */
  readonly timeMs?: number | undefined;
  /** gRPC: how long a ping may stay unanswered before the connection counts as dead. @default 10_000 */
  readonly timeoutMs?: number | undefined;
}
