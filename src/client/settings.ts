import type { CallOptions } from "../contract/call-options.ts";
import type { Logger } from "../contract/logger.ts";
import type { Middleware } from "../contract/middleware.ts";
import type { Clock } from "../internal/clock.ts";
import { systemClock } from "../internal/clock.ts";
import type { AuthProvider } from "../policies/auth.ts";
import { Emitter } from "../policies/emitter.ts";
import { guardLogger } from "../policies/guard-logger.ts";
import { type Headers, mergeHeaders, NO_HEADERS } from "../policies/headers.ts";
import type { ClientOptions } from "./options.ts";

/** What a client runs with above its transport: the options after they were checked, nothing left to decide. */
export interface ClientSettings {
  /** Undefined where the client sets none: the default follows the operation then. */
  readonly timeoutMs: number | undefined;
  readonly headers: Headers;
  readonly format: "columnar" | "row";
  readonly compression: "gzip" | "none";
  readonly onResponse: CallOptions["onResponse"];
  readonly auth: string | AuthProvider | undefined;
  /** Whether credentials may be sent: the connection is encrypted, stays on this machine, or the user allows it. */
  readonly mayCarryCredentials: boolean;
  readonly middleware: readonly Middleware[];
  /** Tells events to whoever listens. */
  readonly emitter: Emitter;
  /** Guarded: does not throw. */
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Fills in the defaults of options that have been checked. `clock` is for tests. */
export function toSettings(
  options: ClientOptions,
  mayCarryCredentials: boolean,
  clock: Clock = systemClock,
): ClientSettings {
  const logger = guardLogger(options.logger);
  return {
    timeoutMs: options.timeoutMs,
    headers: mergeHeaders(NO_HEADERS, options.headers),
    format: options.format ?? "columnar",
    compression: options.compression ?? "none",
    onResponse: options.onResponse,
    auth: options.auth,
    mayCarryCredentials,
    middleware: [...(options.middleware ?? [])],
    emitter: new Emitter({ onEvent: options.onEvent, instrumentation: options.instrumentation, logger }),
    logger,
    clock,
  };
}
