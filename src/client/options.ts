import type { BalancingOptions } from "../contract/balancing.ts";
import type { CallOptions } from "../contract/call-options.ts";
import type { CircuitBreakerOptions } from "../contract/circuit-breaker.ts";
import type { ClientEvent } from "../contract/client-event.ts";
import type { Instrumentation } from "../contract/instrumentation.ts";
import type { Logger } from "../contract/logger.ts";
import type { Middleware } from "../contract/middleware.ts";
import type { TlsOptions } from "../contract/tls.ts";
import type { KeepaliveOptions } from "../contract/transport-options.ts";
import type { AuthProvider } from "../policies/auth.ts";
import type { ConcurrencyOptions } from "../policies/concurrency-limit.ts";
import type { HedgingOptions } from "../policies/hedging.ts";
import type { RetryOptions } from "../policies/retry-options.ts";

/** The options of a call that a client or a model handle can set for all its calls. A signal belongs to one call. */
export type CallDefaults = Omit<CallOptions, "signal">;

/**
 * How a client behaves on either wire. Everything here has a default; an option that is not known, or that has a
 * value it cannot have, is a `TypeError` where the client is made.
 *
 * The options of a call stand here as the defaults of all calls: `timeoutMs`, `attemptTimeoutMs`, `maxRetries`,
 * `idempotent`, `headers`, `onResponse`, `format`, `compression`, `batching`. A call's own come first; headers are merged
 * name by name.
 */
export interface ClientOptions extends CallDefaults {
  /**
   * The `authorization` header, scheme included: `"Bearer eyJ…"`, or a function that gives it. The function is asked
   * once an attempt and may be asynchronous; the call's deadline bounds it, and its failure rejects the call with
   * kind `auth`. A call that brings an `authorization` header of its own goes without it.
   *
   * Over plain text this is refused, unless the server is on this machine: see `allowInsecureCredentials`.
   * @default none
   * @example
   * auth: async ({ signal }) => `Bearer ${await tokens.current(signal)}`
   */
  readonly auth?: string | AuthProvider | undefined;
  /**
   * Lets credentials (`auth`, `credentials`, the headers `authorization`, `proxy-authorization` and `cookie`) travel
   * unencrypted to another machine, where anybody on the way can read them.
   * @default false
   */
  readonly allowInsecureCredentials?: boolean | undefined;
  /**
   * What TLS trusts and shows, on `grpcs:` and `https:`. A `TypeError` on the schemes without TLS.
   * @default the system's certificates, TLS 1.2 or newer
   */
  readonly tls?: TlsOptions | undefined;
  /**
   * Limit of one message or body in bytes, both ways, counted after decompression: a whole number from 1 to 2^31-1.
   * Beyond it a call rejects with kind `too_large`.
   * @default 67_108_864 (64 MiB)
   */
  readonly maxMessageBytes?: number | undefined;
  /**
   * How long a connection may take until it can be used, name look-up and TLS included, in milliseconds; part of
   * `timeoutMs`, not in addition to it. `Infinity` leaves it to `timeoutMs`; 0 is refused. The default outlasts one lost
   * packet (sent again after a second) and leaves the rest of the deadline for a server that answers.
   * @default 2_000
   */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * gRPC: pings on a connection that is silent while calls are in flight. REST: how long an idle connection is kept.
   * `false` switches it off: no pings, no connection kept.
   * @default gRPC: a ping after 30 s of silence, or after half of `timeoutMs` where that is more; REST: 4 s idle
   */
  readonly keepalive?: KeepaliveOptions | false | undefined;
  /**
   * Connections to the server: at most this many on REST, where a call has one to itself; this many on gRPC, where
   * calls share them. A whole number from 1.
   * @default gRPC: 1; REST: 64
   */
  readonly connections?: number | undefined;
  /**
   * How long to wait between tries, and how many retries all calls of the client may make together. Whether a call is
   * retried at all is `maxRetries`.
   * @default {}
   */
  readonly retry?: RetryOptions | undefined;
  /**
   * Starts a second try beside one that stays without an answer, on another server where there is one: the first answer
   * wins. It buys the slowest calls' time with work on the server, so that it is off unless asked for. Calls with
   * `idempotent: false` or `maxRetries: 0` are never hedged.
   * @default false
   */
  readonly hedging?: HedgingOptions | false | undefined;
  /**
   * Limits how many inference calls are under way at once to what the server can work on, which the client finds out
   * from latency and overload; others wait in a short queue, and what finds that full rejects at once (kind
   * `overloaded`). For programs that can send more than the server can answer. Off by default: a program that sends
   * a thousand calls at once and waits for them all wants them to be late, not refused.
   * @default false
   */
  readonly concurrency?: ConcurrencyOptions | false | undefined;
  /**
   * How calls are spread over several servers: a list of addresses, or a name with several records. `false` leaves
   * names to the wire's library, which then sends everything to one of them: for a proxy or a service mesh that
   * balances by itself. Without effect where there is one IP address or socket.
   * @default {}
   */
  readonly balancing?: BalancingOptions | false | undefined;
  /**
   * Stops trying an endpoint that does not answer, for a while: calls then reject at once. Off by default: where there
   * are others, faulty ones are left out anyway; where there is none, it can only make all calls fail where some do.
   * @default false
   */
  readonly circuitBreaker?: CircuitBreakerOptions | false | undefined;
  /**
   * Functions around every call, the first outermost. The deadline covers them, and they see what is sent: tensors,
   * not plain values.
   * @default []
   */
  readonly middleware?: readonly Middleware[] | undefined;
  /**
   * Called with each event of the client as it happens: calls, attempts, retries, the state of its servers. It is not
   * waited for; what it throws goes to the logger and nowhere else. The events are published on channels of
   * `node:diagnostics_channel` too, where one subscriber hears all clients of the process.
   *
   * Never a payload, a header's value, a credential or the text of an error.
   * @default none
   */
  readonly onEvent?: ((event: ClientEvent) => void) | undefined;
  /**
   * Watches calls from inside: it is told of events too, and can have calls run in its own context and send headers
   * with each attempt. `openTelemetry()` of `tfserving/opentelemetry` makes one.
   * @default none
   */
  readonly instrumentation?: Instrumentation | undefined;
  /**
   * Where the client tells what it noticed: one `debug` line a call, one `warn` line a failed one. `console` fits.
   * Never a payload, a header's value or a credential.
   * @default none
   */
  readonly logger?: Logger | undefined;
}
