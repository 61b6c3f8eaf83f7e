import type { Version } from "../contract/model-spec.ts";
import type { Signature } from "../contract/signature.ts";
import type { Cancellation } from "../internal/cancellation.ts";
import type { Clock } from "../internal/clock.ts";
import { SharedLoad } from "./shared-load.ts";

/** What the server said of a signature, and of which version it said it. */
export interface LoadedSignature {
  readonly signature: Signature;
  /** Undefined where the wire does not tell. */
  readonly version: Version | undefined;
}

/** A signature younger than this is not doubted: wrong calls, however many, ask for it twice a minute at most. */
const DOUBT_AFTER_MS = 30_000;

/**
 * The signature of one handle: loaded on first need, shared by concurrent callers, kept until it may have changed.
 * A failed load is not kept.
 */
export class SignatureCache {
  readonly #clock: Clock;
  readonly #load: SharedLoad<LoadedSignature>;
  readonly #mayChange: boolean;
  #kept: LoadedSignature | undefined;
  #keptSince = 0;

  /** `mayChange` is false for a handle of one version: what was loaded under a number stays. */
  constructor(clock: Clock, mayChange: boolean, load: (cancellation: Cancellation) => Promise<LoadedSignature>) {
    this.#clock = clock;
    this.#mayChange = mayChange;
    this.#load = new SharedLoad(async (cancellation) => {
      const loaded = await load(cancellation);
      this.#kept = loaded;
      this.#keptSince = clock.now();
      return loaded;
    });
  }

  get(waiter: Cancellation): LoadedSignature | Promise<LoadedSignature> {
    return this.#kept ?? this.#load.join(waiter);
  }

  /** Whether another look at the server may bring something else than `loaded`. */
  isDoubtful(loaded: LoadedSignature): boolean {
    if (!this.#mayChange) return false;
    return this.#kept !== loaded || this.#clock.now() - this.#keptSince >= DOUBT_AFTER_MS;
  }

  /** Forgets `loaded`, unless something newer has taken its place. */
  drop(loaded: LoadedSignature): void {
    if (this.#kept === loaded) this.#kept = undefined;
  }

  /** Takes note of the version that answered a call which was checked against `loaded`. */
  noteServed(loaded: LoadedSignature, version: Version | undefined): void {
    if (!this.#mayChange || version === undefined || loaded.version === undefined) return;
    if (BigInt(version) !== BigInt(loaded.version)) this.drop(loaded);
  }
}
