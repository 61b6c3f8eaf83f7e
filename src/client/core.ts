import type { CallOptions } from "../contract/call-options.ts";
import type { EndpointState } from "../contract/endpoint-state.ts";
import { OPERATIONS, type OperationName, type ResponseOf } from "../contract/operations.ts";
import { AVOID_NOTHING, type CallContext, type CallLedger, type Transport } from "../contract/transport.ts";
import { annotate } from "../errors/annotate.ts";
import { closedError } from "../errors/closed.ts";
import { ServingError } from "../errors/serving-error.ts";
import { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { bounded } from "../policies/bounded.ts";
import { mergeHeaders, NO_HEADERS } from "../policies/headers.ts";
import type { Observer } from "../policies/observe.ts";
import { timeoutError } from "../policies/timeout-error.ts";
import { batchingOf } from "./batching-settings.ts";
import { checkCallOptions, checkConnectOptions } from "./check-call-options.ts";
import { Lifetime } from "./lifetime.ts";
import { joinLiveClients } from "./live-clients.ts";
import { loneEndpoint } from "./lone-endpoint.ts";
import type { CallDefaults } from "./options.ts";
import { type CallTerms, RunningCall } from "./running-call.ts";
import type { ConnectOptions } from "./serving-client.ts";
import type { ClientSettings } from "./settings.ts";
import { createStack, type Prepare, type Stack } from "./stack.ts";

const DEFAULT_TIMEOUT_MS = { inference: 30_000, control: 10_000 } as const;

/** One call to be made. */
export interface CallSpec<O extends OperationName> {
  readonly operation: O;
  /** For errors and logs; checked with the rest of the request. */
  readonly model: unknown;
  /** The call's own. */
  readonly options: CallOptions | undefined;
  /** A handle's, between the call's and the client's. */
  readonly defaults?: CallDefaults | undefined;
  /** Of the call this one is a part of: ends it too. */
  readonly parent?: Cancellation | undefined;
  /** Ends it too, although it is a call of its own. */
  readonly until?: Cancellation | undefined;
  /** Whether failing is one of the expected outcomes. @default false */
  readonly mayFail?: boolean;
  readonly prepare: Prepare<O>;
}

export interface WaitBounds {
  /** What errors call it. */
  readonly operation: string;
  readonly model: string | undefined;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number;
  readonly timeoutError: () => unknown;
}

/** What a client and its model handles share: one transport, one set of settings, one life. */
export class ClientCore {
  readonly wire: Transport["name"];
  readonly endpoint: string;
  readonly settings: ClientSettings;
  readonly lifetime = new Lifetime();
  readonly #transport: Transport;
  readonly #observer: Observer;
  readonly #stack: Stack;
  #closed: Promise<void> | undefined;
  #leaveAddress: (() => void) | undefined;

  constructor(transport: Transport, settings: ClientSettings) {
    this.wire = transport.name;
    this.endpoint = transport.endpoint;
    this.settings = settings;
    this.#transport = transport;
    const { clock, emitter, logger } = settings;
    this.#observer = { clock, emitter, logger, endpoint: transport.endpoint };
    this.#stack = createStack(transport, settings, this.#observer);
  }

  get clock(): Clock {
    return this.settings.clock;
  }

  /** Makes one call. Never throws: what is wrong rejects. */
  run<O extends OperationName>(spec: CallSpec<O>): Promise<ResponseOf<O>> {
    let running: RunningCall<O>;
    try {
      running = this.#admit(spec);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#useAddress();
    return this.#stack(running, spec.prepare);
  }

  /**
   * Does something that takes a while without being a call itself, such as waiting: bounded like a call, and ended
   * as soon as the client begins to close.
   */
  async wait<T>(bounds: WaitBounds, work: (cancellation: Cancellation) => Promise<T>): Promise<T> {
    const cancellation = new Cancellation();
    const release = this.lifetime.closing.onCancel(() => cancellation.cancel(closedError("the client was closed")));
    const { operation, model, signal, timeoutMs, timeoutError } = bounds;
    const deadlineAt = this.clock.now() + timeoutMs;
    try {
      return await bounded(this.clock, { cancellation, signal, deadlineAt, timeoutError }, () => work(cancellation));
    } catch (error) {
      if (error instanceof ServingError && error !== signal?.reason) {
        annotate(error, { operation, model, endpoint: this.endpoint, attempts: [] });
      }
      throw error;
    } finally {
      release();
    }
  }

  /** The same, within the bounds that a call with these options would have. */
  async waitLikeCall<T>(
    spec: Omit<CallSpec<OperationName>, "prepare">,
    work: (cancellation: Cancellation) => Promise<T>,
  ): Promise<T> {
    const { operation, options, model } = spec;
    checkCallOptions(options, operation);
    const timeoutMs = this.#timeoutOf(spec);
    const bounds = {
      operation,
      model: String(model),
      signal: options?.signal,
      timeoutMs,
      timeoutError: () => timeoutError(timeoutMs, undefined),
    };
    return this.wait(bounds, work);
  }

  /** Each server behind the transport; the one that there is where the transport keeps no account. */
  endpoints(): readonly EndpointState[] {
    return this.#transport.endpoints?.() ?? [loneEndpoint(this.endpoint, this.lifetime.active)];
  }

  /** @throws ServingError (INVALID_ARGUMENT) for options that cannot be; what connecting failed with */
  async connect(options: ConnectOptions | undefined): Promise<void> {
    checkConnectOptions(options);
    if (this.lifetime.closing.cancelled) throw closedError("the client is closed");
    this.#useAddress();
    const timeoutMs = options?.timeoutMs ?? DEFAULT_TIMEOUT_MS.control;
    const ledger = newLedger(false);
    const bounds: WaitBounds = {
      operation: "connect",
      model: undefined,
      signal: options?.signal,
      timeoutMs,
      timeoutError: () => timeoutError(timeoutMs, ledger.phase),
    };
    const { format, compression } = this.settings;
    const rest = {
      headers: NO_HEADERS,
      format,
      compression,
      attempt: 1,
      avoid: AVOID_NOTHING,
      idempotent: true,
      ledger,
    };
    const deadlineAt = this.clock.now() + timeoutMs;
    await this.wait(bounds, async (cancellation) => this.#transport.connect?.({ deadlineAt, cancellation, ...rest }));
  }

  close(graceMs: number): Promise<void> {
    this.#closed ??= this.lifetime
      .close(this.clock, graceMs)
      .then(() => this.#transport.close())
      .finally(() => this.#leaveAddress?.());
    return this.#closed;
  }

  /** Connections come with the first use: a client that is only made costs the server nothing, and is not counted. */
  #useAddress(): void {
    if (this.#leaveAddress !== undefined || this.wire === "fake") return;
    this.#leaveAddress = joinLiveClients(this, this.endpoint, this.settings.logger);
  }

  #admit<O extends OperationName>(spec: CallSpec<O>): RunningCall<O> {
    try {
      checkCallOptions(spec.options, spec.operation);
      const running = new RunningCall(this.#termsOf(spec), this.lifetime, this.#observer);
      this.lifetime.enter(running, spec.parent !== undefined);
      const parent = spec.parent ?? spec.until;
      if (parent !== undefined) running.endWith(parent);
      return running;
    } catch (error) {
      if (error instanceof ServingError) {
        annotate(error, {
          operation: spec.operation,
          model: nameOf(spec.model),
          endpoint: this.endpoint,
          attempts: [],
        });
      }
      throw error;
    }
  }

  #timeoutOf({ operation, options, defaults }: Omit<CallSpec<OperationName>, "prepare">): number {
    const fallback = DEFAULT_TIMEOUT_MS[OPERATIONS[operation].group];
    return options?.timeoutMs ?? defaults?.timeoutMs ?? this.settings.timeoutMs ?? fallback;
  }

  #termsOf<O extends OperationName>(spec: CallSpec<O>): CallTerms<O> {
    const { operation, options, defaults } = spec;
    const { settings } = this;
    const model = nameOf(spec.model);
    const timeoutMs = this.#timeoutOf(spec);
    const startedAt = this.clock.now();
    const onResponse = options?.onResponse ?? settings.onResponse;
    const context: CallContext = {
      deadlineAt: startedAt + timeoutMs,
      cancellation: new Cancellation(),
      signal: options?.signal,
      headers: mergeHeaders(mergeHeaders(settings.headers, defaults?.headers), options?.headers),
      format: options?.format ?? defaults?.format ?? settings.format,
      compression: options?.compression ?? defaults?.compression ?? settings.compression,
      batching: batchingOf(options?.batching, defaults?.batching, settings.batching),
      attempt: 1,
      avoid: AVOID_NOTHING,
      idempotent:
        OPERATIONS[operation].repeatable && (options?.idempotent ?? defaults?.idempotent ?? settings.idempotent),
      maxRetries: options?.maxRetries ?? defaults?.maxRetries ?? settings.maxRetries,
      attemptTimeoutMs: options?.attemptTimeoutMs ?? defaults?.attemptTimeoutMs ?? settings.attemptTimeoutMs,
      ledger: newLedger(onResponse !== undefined),
      events: settings.emitter.eventsOf({ operation, model, wire: this.wire }),
    };
    return { operation, model, context, startedAt, timeoutMs, onResponse, mayFail: spec.mayFail === true };
  }
}

function newLedger(wantsHeaders: boolean): CallLedger {
  return {
    attempts: [],
    wantsHeaders,
    responseHeaders: undefined,
    responseTrailers: undefined,
    requestBytes: undefined,
    responseBytes: undefined,
    phase: undefined,
  };
}

function nameOf(model: unknown): string | undefined {
  return typeof model === "string" ? model : undefined;
}
