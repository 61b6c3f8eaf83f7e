import type { CallOptions } from "../contract/call-options.ts";
import type { Logger } from "../contract/logger.ts";
import type { Middleware } from "../contract/middleware.ts";
import type { Clock } from "../internal/clock.ts";
import { systemClock } from "../internal/clock.ts";
import type { AuthProvider } from "../policies/auth.ts";
import type { BackoffSettings } from "../policies/backoff.ts";
import type { ConcurrencyOptions } from "../policies/concurrency-limit.ts";
import { Emitter } from "../policies/emitter.ts";
import { guardLogger } from "../policies/guard-logger.ts";
import { type Headers, mergeHeaders, NO_HEADERS } from "../policies/headers.ts";
import { createRetryBudget, NO_RETRY_BUDGET, type RetryBudget } from "../policies/retry-budget.ts";
import type { RetryOptions } from "../policies/retry-options.ts";
import type { ClientOptions } from "./options.ts";

/** What a client runs with above its transport: the options after they were checked, nothing left to decide. */
export interface ClientSettings {
  /** Undefined where the client sets none: the default follows the operation then. */
  readonly timeoutMs: number | undefined;
  readonly attemptTimeoutMs: number | undefined;
  readonly maxRetries: number;
  readonly idempotent: boolean;
  readonly retry: RetryPlan;
  /** Undefined where it is off. */
  readonly hedging: { readonly delayMs: number; readonly maxHedges: number } | undefined;
  readonly concurrency: ConcurrencyOptions | undefined;
  readonly headers: Headers;
  readonly format: "columnar" | "row";
  readonly compression: "gzip" | "none";
  readonly batching: CallOptions["batching"];
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

/** When retries come and what they are paid from. */
export interface RetryPlan {
  readonly budget: RetryBudget;
  readonly backoff: BackoffSettings;
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
    attemptTimeoutMs: options.attemptTimeoutMs,
    maxRetries: options.maxRetries ?? 2,
    idempotent: options.idempotent ?? true,
    retry: toRetryPlan(options.retry, clock),
    hedging: options.hedging ? { ...options.hedging, maxHedges: options.hedging.maxHedges ?? 1 } : undefined,
    concurrency: options.concurrency || undefined,
    headers: mergeHeaders(NO_HEADERS, options.headers),
    format: options.format ?? "columnar",
    compression: options.compression ?? "none",
    batching: options.batching,
    onResponse: options.onResponse,
    auth: options.auth,
    mayCarryCredentials,
    middleware: [...(options.middleware ?? [])],
    emitter: new Emitter({ onEvent: options.onEvent, instrumentation: options.instrumentation, logger }),
    logger,
    clock,
  };
}

function toRetryPlan({ budget, baseDelayMs, throttleDelayMs, maxDelayMs }: RetryOptions = {}, clock: Clock): RetryPlan {
  return {
    budget: budget === false ? NO_RETRY_BUDGET : createRetryBudget(clock, budget),
    backoff: {
      baseDelayMs: baseDelayMs ?? 100,
      throttleDelayMs: throttleDelayMs ?? 250,
      maxDelayMs: maxDelayMs ?? 5_000,
      random: Math.random,
    },
  };
}
