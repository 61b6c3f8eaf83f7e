import { OPERATIONS } from "../contract/operations.ts";
import type { CallContext, Policy } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import { AdaptiveLimit, type Load } from "./adaptive-limit.ts";

/** How many inference calls a client has under way at once, which it finds out by itself, and how many may wait. */
export interface ConcurrencyOptions {
  /** What it begins with: a whole number from 1. @default 20 */
  readonly initialLimit?: number | undefined;
  /** The most that it may come to: a whole number from 1. @default 200 */
  readonly maxLimit?: number | undefined;
  /**
   * How many calls may wait for their turn: a whole number from 0. The next one rejects at once with RESOURCE_EXHAUSTED,
   * kind `overloaded`.
   * @default half as many as may be under way: waiting takes less time than being served
   */
  readonly maxQueue?: number | undefined;
}

/**
 * Holds inference calls back while the server has as many as it can work on, which it learns from latency, overload and
 * timeouts: see {@link AdaptiveLimit}. Those held back wait in order, within their deadlines. Looks at the server's
 * state pass it by: they cost it next to nothing, and are wanted most when it is busy.
 *
 * @throws ServingError (RESOURCE_EXHAUSTED, kind `overloaded`) when the queue is full
 */
export function concurrencyLimit(clock: Clock, options: ConcurrencyOptions): Policy {
  const gate = new Gate(clock, options);
  return (next) => async (operation, request, context) => {
    if (OPERATIONS[operation].group !== "inference") return next(operation, request, context);
    if (!gate.enter()) await gate.wait(context);
    const pass = new Pass(gate, clock, context);
    try {
      const response = await next(operation, request, context);
      pass.end(context.ledger.attempts.length > 1 ? "unknown" : "answered");
      return response;
    } catch (error) {
      pass.end(isPressure(error) ? "pressed" : "unknown");
      throw error;
    }
  };
}

/** One call inside, from its turn to its end; what ends the call ends its stay, whatever goes on beneath it. */
class Pass {
  readonly #gate: Gate;
  readonly #context: CallContext;
  readonly #startedAt: number;
  readonly #letGo: () => void;
  #ended = false;

  constructor(gate: Gate, clock: Clock, context: CallContext) {
    this.#gate = gate;
    this.#context = context;
    this.#startedAt = clock.now();
    this.#letGo = context.cancellation.onCancel((reason) => this.end(isPressure(reason) ? "pressed" : "unknown"));
  }

  end(load: Load): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#letGo?.();
    this.#gate.leave(this.#startedAt, this.#context.ledger.pressed ? "pressed" : load);
  }
}

class Gate {
  readonly #clock: Clock;
  readonly #limit: AdaptiveLimit;
  readonly #maxQueue: number | undefined;
  /** In the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #inside = 0;

  constructor(clock: Clock, { initialLimit = 20, maxLimit = 200, maxQueue }: ConcurrencyOptions) {
    this.#clock = clock;
    this.#limit = new AdaptiveLimit({ clock, initialLimit, maxLimit });
    this.#maxQueue = maxQueue;
  }

  /** Takes a place if there is one and nobody waits for it. */
  enter(): boolean {
    if (this.#waiting.size > 0 || this.#inside >= this.#limit.current) return false;
    this.#inside++;
    return true;
  }

  /** Waits for a place and takes it. */
  wait({ cancellation, events, ledger }: CallContext): Promise<void> {
    const limit = this.#limit.current;
    const maxQueue = this.#maxQueue ?? Math.ceil(limit / 2);
    if (this.#waiting.size >= maxQueue) {
      events?.tell({ type: "queueRejected", underWay: this.#inside, waiting: this.#waiting.size });
      throw queueFull(this.#inside, this.#waiting.size);
    }
    ledger.phase = "waiting for its turn (concurrency)";
    const since = this.#clock.now();
    const tell = (admitted: boolean) => {
      events?.tell({ type: "queueWaited", waitedMs: this.#clock.now() - since, admitted });
    };
    return new Promise((resolve, reject) => {
      const admit = () => {
        release();
        tell(true);
        resolve();
      };
      const release = cancellation.onCancel((reason) => {
        this.#waiting.delete(admit);
        tell(false);
        reject(reason);
      });
      if (!cancellation.cancelled) this.#waiting.add(admit);
    });
  }

  leave(startedAt: number, load: Load): void {
    this.#limit.note(startedAt, this.#inside, load);
    this.#inside--;
    for (const admit of this.#waiting) {
      if (this.#inside >= this.#limit.current) return;
      this.#waiting.delete(admit);
      this.#inside++;
      admit();
    }
  }
}

function isPressure(error: unknown): boolean {
  return error instanceof ServingError && (error.kind === "overloaded" || error.kind === "timeout");
}

function queueFull(inside: number, waiting: number): ServingError {
  return new ServingError(
    `the client's queue is full: ${inside} calls are under way, which is the limit at this moment, and ${waiting} wait`,
    { code: "RESOURCE_EXHAUSTED", kind: "overloaded" },
  );
}
