import { copyReplyFacts } from "../contract/copy-reply-facts.ts";
import type { CallContext, CallLedger } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { sharedHeaders } from "./batch-key.ts";

/** Who goes out together, and what of it each of them is told. */
export class SharedCall {
  /** As the request travels with: its deadline is the latest of theirs, and it is cancelled when all have left. */
  readonly context: CallContext;
  readonly #clock: Clock;
  readonly #endpoint: string;
  readonly #startedAt: number;
  readonly #riders: Set<CallContext>;

  constructor(riders: readonly CallContext[], clock: Clock, endpoint: string) {
    this.#clock = clock;
    this.#endpoint = endpoint;
    this.#startedAt = clock.now();
    this.#riders = new Set(riders);
    let deadlineAt = Number.NEGATIVE_INFINITY;
    for (const rider of riders) deadlineAt = Math.max(deadlineAt, rider.deadlineAt);
    const [first] = riders;
    const ledger = this.#newLedger();
    for (const rider of riders) rider.ledger.faults = ledger.faults;
    this.context = {
      ...first!,
      deadlineAt,
      cancellation: new Cancellation(),
      signal: undefined,
      headers: sharedHeaders(first!.headers),
      ledger,
    };
  }

  /** One stops waiting. What the request has come to is written down for it. */
  leave(rider: CallContext, reason: unknown): void {
    if (!this.#riders.delete(rider)) return;
    this.#tell(rider.ledger);
    const { ledger, cancellation } = this.context;
    rider.ledger.attempts.push({
      attempt: rider.ledger.attempts.length + 1,
      endpoint: ledger.endpoint ?? this.#endpoint,
      code: reason instanceof ServingError ? reason.code : "CANCELLED",
      durationMs: this.#clock.now() - this.#startedAt,
    });
    if (this.#riders.size === 0) cancellation.cancel(reason);
  }

  /** The request has ended: everybody learns how. */
  end(): void {
    for (const { ledger } of this.#riders) this.#tell(ledger);
  }

  #tell(ledger: CallLedger): void {
    const { ledger: own } = this.context;
    for (const attempt of own.attempts) ledger.attempts.push({ ...attempt, attempt: ledger.attempts.length + 1 });
    copyReplyFacts(own, ledger);
    ledger.started = own.started;
  }

  /** One of its own: what the request waits for and fails with, all of them wait for and fail with. */
  #newLedger(): CallLedger {
    const riders = this.#riders;
    let current: string | undefined;
    let started: number | undefined;
    return {
      attempts: [],
      faults: [],
      responseHeaders: undefined,
      responseTrailers: undefined,
      requestBytes: undefined,
      responseBytes: undefined,
      get phase() {
        return current;
      },
      set phase(phase) {
        current = phase;
        for (const { ledger } of riders) ledger.phase = phase;
      },
      get started() {
        return started;
      },
      set started(count) {
        started = count;
        for (const { ledger } of riders) ledger.started = count;
      },
    };
  }
}
