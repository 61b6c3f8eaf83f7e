const BUCKETS = 10;

interface Bucket {
  /** Which stretch of time it counts; -1 before its first. */
  slot: number;
  calls: number;
  faults: number;
}

/** Calls and faults of the last `windowMs`, in ten steps: what is older than that is forgotten a tenth at a time. */
export class OutcomeWindow {
  readonly #slotMs: number;
  readonly #buckets: readonly Bucket[] = Array.from({ length: BUCKETS }, () => ({ slot: -1, calls: 0, faults: 0 }));

  constructor(windowMs: number) {
    this.#slotMs = windowMs / BUCKETS;
  }

  add(now: number, fault: boolean): void {
    const slot = Math.floor(now / this.#slotMs);
    const bucket = this.#buckets[slot % BUCKETS]!;
    if (bucket.slot !== slot) {
      bucket.slot = slot;
      bucket.calls = 0;
      bucket.faults = 0;
    }
    bucket.calls++;
    if (fault) bucket.faults++;
  }

  read(now: number): { readonly calls: number; readonly faults: number } {
    const oldest = Math.floor(now / this.#slotMs) - BUCKETS + 1;
    let calls = 0;
    let faults = 0;
    for (const bucket of this.#buckets) {
      if (bucket.slot < oldest) continue;
      calls += bucket.calls;
      faults += bucket.faults;
    }
    return { calls, faults };
  }

  clear(): void {
    for (const bucket of this.#buckets) bucket.slot = -1;
  }
}
