import type { CallContext } from "../contract/transport.ts";
import type { Item } from "./batcher.ts";
import type { SharedCall } from "./shared-call.ts";

/** One call, or one part of a large one, that waits for its rows: settles once, by its answer or by leaving. */
export class Member<Q, R> implements Item {
  readonly request: Q;
  readonly context: CallContext;
  /** Rows. */
  readonly size: number;
  readonly bytes: number;
  waitingSince: number | undefined = undefined;
  readonly answer: Promise<R>;
  /** The request that it is under way with. */
  sharedCall: SharedCall | undefined;
  readonly #release: () => void;
  #resolve!: (answer: R) => void;
  #reject!: (reason: unknown) => void;
  #settled = false;

  /** `onLeave` is told when its caller stops waiting. */
  constructor(
    request: Q,
    context: CallContext,
    extent: { rows: number; bytes: number },
    onLeave: (me: Member<Q, R>) => void,
  ) {
    this.request = request;
    this.context = context;
    this.size = extent.rows;
    this.bytes = extent.bytes;
    this.answer = new Promise<R>((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.#release = context.cancellation.onCancel((reason) => {
      if (this.#settled) return;
      this.sharedCall?.leave(this.context, reason);
      this.#settled = true;
      this.#reject(reason);
      onLeave(this);
    });
  }

  get isWaiting(): boolean {
    return !this.#settled;
  }

  resolve(answer: R): void {
    if (this.#settle()) this.#resolve(answer);
  }

  reject(reason: unknown): void {
    if (this.#settle()) this.#reject(reason);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#release();
    return true;
  }
}
