import type { CallOptions } from "../contract/call-options.ts";
import type { OperationName, ResponseOf } from "../contract/operations.ts";
import type { CallContext } from "../contract/transport.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { Bounds } from "../policies/bounded.ts";
import type { CallScope } from "../policies/call-scope.ts";
import { describeTries } from "../policies/describe-tries.ts";
import { type Observer, observeEnd } from "../policies/observe.ts";
import type { Outcome } from "../policies/settlement.ts";
import { timeoutError } from "../policies/timeout-error.ts";
import type { Lifetime, Stay } from "./lifetime.ts";

/** What a call is asked for with, once all defaults are filled in. */
export interface CallTerms<O extends OperationName> {
  readonly operation: O;
  readonly model: string | undefined;
  readonly context: CallContext;
  readonly startedAt: number;
  readonly timeoutMs: number;
  readonly onResponse: CallOptions["onResponse"];
  readonly mayFail: boolean;
}

/**
 * A call from its first moment to its last: its scope, its bounds, and its stay with the client, in one object where each
 * would be one of its own.
 */
export class RunningCall<O extends OperationName> implements CallScope, Bounds<ResponseOf<O>>, Stay {
  readonly operation: O;
  readonly model: string | undefined;
  readonly context: CallContext;
  readonly timeoutMs: number;
  readonly onResponse: CallOptions["onResponse"];
  readonly mayFail: boolean;
  place = 0;
  readonly #startedAt: number;
  readonly #lifetime: Lifetime;
  readonly #observer: Observer;
  #leaveParent: (() => void) | undefined;

  constructor(terms: CallTerms<O>, lifetime: Lifetime, observer: Observer) {
    this.operation = terms.operation;
    this.model = terms.model;
    this.context = terms.context;
    this.timeoutMs = terms.timeoutMs;
    this.onResponse = terms.onResponse;
    this.mayFail = terms.mayFail;
    this.#startedAt = terms.startedAt;
    this.#lifetime = lifetime;
    this.#observer = observer;
  }

  /** Has it end with another one, until it ends by itself. */
  endWith(parent: Cancellation): void {
    this.#leaveParent = parent.onCancel((reason) => this.cancellation.cancel(reason));
  }

  get cancellation(): Cancellation {
    return this.context.cancellation;
  }

  get signal(): AbortSignal | undefined {
    return this.context.signal;
  }

  get deadlineAt(): number {
    return this.context.deadlineAt;
  }

  timeoutError(): unknown {
    const { ledger } = this.context;
    return timeoutError(this.timeoutMs, ledger.phase, describeTries(ledger, this.#observer.endpoint));
  }

  ending(outcome: Outcome<ResponseOf<O>>): void {
    try {
      observeEnd(this.#observer, this, this.#startedAt, outcome);
    } finally {
      this.#leaveParent?.();
      this.#lifetime.leave(this);
    }
  }
}
