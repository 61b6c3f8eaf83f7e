import type { EmitEvent } from "../contract/events.ts";
import type { CallContext, Transport } from "../contract/transport.ts";
import { ServingError } from "../errors/serving-error.ts";
import type { Clock } from "../internal/clock.ts";
import { promiseOf } from "../internal/promise-of.ts";

/** How many calls in a row may run out of time without a byte before their connection counts as dead. */
const SILENT_CALLS = 2;
/** A server that is merely slow would lose its connection again and again: each renewal without an answer doubles the wait, up to this. */
const MOST_SILENT_CALLS = 64;

/** What both wires call the time between a request that was sent and the first byte of its reply. */
const SENT = "waiting for the reply";

interface Generation {
  readonly transport: Transport;
  outstanding: number;
  retired: boolean;
}

/**
 * A transport that opens itself anew when its connection has died without a word: two calls in a row were sent and
 * ran out of time without a byte from the host. Pings would tell too, but servers allow them only every few minutes.
 *
 * Calls that had less time than the last answered one took do not count. The old one ends when its last call has.
 */
export function renewSilent(open: () => Transport, { clock, emit }: RenewParts): Transport {
  return new RenewingTransport(open, clock, emit);
}

export interface RenewParts {
  readonly clock: Clock;
  readonly emit: EmitEvent;
}

class RenewingTransport implements Transport {
  readonly name: Transport["name"];
  readonly endpoint: string;
  readonly #open: () => Transport;
  readonly #clock: Clock;
  readonly #emit: EmitEvent;
  readonly #retired = new Set<Generation>();
  #current: Generation;
  #silentCalls = 0;
  #limit = SILENT_CALLS;
  #answeredInMs = 0;

  constructor(open: () => Transport, clock: Clock, emit: EmitEvent) {
    this.#open = open;
    this.#clock = clock;
    this.#emit = emit;
    this.#current = this.#create();
    this.name = this.#current.transport.name;
    this.endpoint = this.#current.transport.endpoint;
  }

  readonly call: Transport["call"] = (operation, request, context) => {
    const generation = this.#current;
    const startedAt = this.#clock.now();
    generation.outstanding++;
    return promiseOf(() => generation.transport.call(operation, request, context)).then(
      (response) => {
        this.#answeredInMs = this.#clock.now() - startedAt;
        this.#answered();
        this.#leave(generation);
        return response;
      },
      (error: unknown) => {
        this.#failed(generation, error, context, startedAt);
        this.#leave(generation);
        throw error;
      },
    );
  };

  async connect(context: CallContext): Promise<void> {
    await this.#current.transport.connect?.(context);
  }

  async close(): Promise<void> {
    const all = [this.#current, ...this.#retired];
    this.#retired.clear();
    await Promise.all(all.map(({ transport }) => transport.close()));
  }

  #create(): Generation {
    return { transport: this.#open(), outstanding: 0, retired: false };
  }

  #answered(): void {
    this.#silentCalls = 0;
    this.#limit = SILENT_CALLS;
  }

  #failed(generation: Generation, error: unknown, context: CallContext, startedAt: number): void {
    const { cancellation, ledger } = context;
    const ended = cancellation.cancelled && error === cancellation.reason;
    if (!ended) {
      // A connection that fails aloud is the wire's own affair.
      if (error instanceof ServingError) this.#answered();
      return;
    }
    const silent = error instanceof ServingError && error.kind === "timeout" && ledger.phase === SENT;
    if (!silent || generation !== this.#current || this.#clock.now() - startedAt < this.#answeredInMs) return;
    if (++this.#silentCalls < this.#limit) return;
    const timeouts = this.#silentCalls;
    this.#silentCalls = 0;
    this.#limit = Math.min(this.#limit * 2, MOST_SILENT_CALLS);
    this.#current = this.#create();
    generation.retired = true;
    this.#retired.add(generation);
    this.#emit({ type: "connectionReplaced", endpoint: this.endpoint, timeouts });
  }

  #leave(generation: Generation): void {
    generation.outstanding--;
    if (!generation.retired || generation.outstanding > 0 || !this.#retired.delete(generation)) return;
    generation.transport.close().catch(() => {});
  }
}
