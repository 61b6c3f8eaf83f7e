import { copyReplyFacts } from "../contract/copy-reply-facts.ts";
import type { OperationName, RequestOf, ResponseOf } from "../contract/operations.ts";
import type { Call, CallContext, CallLedger, Policy, Transport } from "../contract/transport.ts";
import { retryFactsOf } from "../errors/retry-facts.ts";
import { ServingError } from "../errors/serving-error.ts";
import { afterMicrotasks } from "../internal/after-microtasks.ts";
import { type Cancellation, childOf } from "../internal/cancellation.ts";
import type { Clock, TimerHandle } from "../internal/clock.ts";
import type { RetryBudget } from "./retry-budget.ts";

/** A second try beside a slow first one. */
export interface HedgingOptions {
  /**
   * How long a try may stay without an answer until another one starts beside it, in milliseconds. Worth setting near
   * the latency that one call in twenty exceeds: lower costs work, higher helps few.
   */
  readonly delayMs: number;
  /** How many may start beside the first one, `delayMs` apart: a whole number from 1. @default 1 */
  readonly maxHedges?: number | undefined;
}

export interface HedgingSettings {
  readonly clock: Clock;
  readonly budget: RetryBudget;
  readonly transport: Pick<Transport, "endpoint">;
  readonly delayMs: number;
  readonly maxHedges: number;
}

/** A hedge makes the server do the work twice even when all is well. */
const COST = 2;

const SETTLED = new Error("the try has ended");
const ANSWERED_BEFORE = new Error("another try of the same call was answered before");

/**
 * Starts another try beside one that has no answer after a while, on another server where there is one. The first
 * answer wins, the others are cancelled; a failure waits for the tries that are left, unless it is one that they will
 * meet too. Each hedge is paid from the retry budget, and calls that are not idempotent or want one
 * try only (`maxRetries` 0) have none.
 */
export function hedging(settings: HedgingSettings): Policy {
  return (next) => (operation, request, context) => {
    if (!context.idempotent || !context.maxRetries) return next(operation, request, context);
    return new Promise((resolve, reject) => {
      new Race(settings, next, { operation, request, context, resolve, reject }).run();
    });
  };
}

interface Raced<O extends OperationName> {
  readonly operation: O;
  readonly request: RequestOf<O>;
  readonly context: CallContext;
  readonly resolve: (response: ResponseOf<O>) => void;
  readonly reject: (error: unknown) => void;
}

/** The tries of one call that run side by side. */
class Race<O extends OperationName> {
  readonly #settings: HedgingSettings;
  readonly #next: Call;
  readonly #call: Raced<O>;
  readonly #running = new Map<Cancellation, CallLedger>();
  #timer: TimerHandle;
  #hedges = 0;
  #over = false;
  #letGo: () => void = () => {};

  constructor(settings: HedgingSettings, next: Call, call: Raced<O>) {
    this.#settings = settings;
    this.#next = next;
    this.#call = call;
  }

  run(): void {
    const { context, reject } = this.#call;
    this.#letGo = context.cancellation.onCancel((reason) => this.#end(() => reject(reason), reason));
    this.#start(context);
    if (!this.#over) this.#arm();
  }

  #arm(): void {
    const { clock, delayMs, maxHedges } = this.#settings;
    if (this.#hedges >= maxHedges) return;
    this.#timer = clock.setTimeout(() => {
      this.#hedge();
      if (!this.#over) this.#arm();
    }, delayMs);
  }

  #hedge(): void {
    const { budget, transport } = this.#settings;
    const { context } = this.#call;
    this.#hedges++;
    if (!budget.withdraw(COST)) return;
    const avoid = new Set(context.avoid);
    for (const ledger of this.#running.values()) avoid.add(ledger.endpoint ?? transport.endpoint);
    const attempt = (context.ledger.started ?? 0) + 1;
    context.ledger.started = attempt;
    this.#start({ ...context, attempt, avoid, ledger: besides(context.ledger) });
  }

  #start(context: CallContext): void {
    const { operation, request, resolve, reject } = this.#call;
    const { cancellation, detach } = childOf(context.cancellation);
    this.#running.set(cancellation, context.ledger);
    const left = () => {
      detach();
      this.#running.delete(cancellation);
      // Whatever the try has left behind ends with it.
      cancellation.cancel(SETTLED);
      return !this.#over;
    };
    this.#next(operation, request, { ...context, cancellation }).then(
      (response) => {
        if (!left()) return;
        if (context.ledger !== this.#call.context.ledger) copyReplyFacts(context.ledger, this.#call.context.ledger);
        this.#end(() => resolve(response));
      },
      (error: unknown) => {
        if (left() && (this.#running.size === 0 || isFinal(error))) this.#end(() => reject(error));
      },
    );
  }

  #end(settle: () => void, reason: unknown = ANSWERED_BEFORE): void {
    if (this.#over) return;
    this.#over = true;
    this.#settings.clock.clearTimeout(this.#timer);
    this.#letGo();
    const others = [...this.#running.keys()];
    for (const cancellation of others) cancellation.cancel(reason);
    // Those that were cancelled write down how they ended first.
    if (others.length === 0) settle();
    else afterMicrotasks(settle);
  }
}

/** Whether every other try would come to the same. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof ServingError)) return true;
  const { delivery, again } = retryFactsOf(error);
  return delivery === "answered" && again === "no";
}

/** What a hedge writes to: the lists of tries and of their faults are shared, what is known of the last reply is its own. */
function besides(ledger: CallLedger): CallLedger {
  ledger.faults ??= [];
  return {
    attempts: ledger.attempts,
    faults: ledger.faults,
    responseHeaders: undefined,
    responseTrailers: undefined,
    requestBytes: undefined,
    responseBytes: undefined,
    phase: undefined,
  };
}
