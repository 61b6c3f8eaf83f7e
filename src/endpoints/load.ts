import { Latency } from "./latency.ts";

/** How much dearer each recent fault of its own makes a host. One that fails at once must not look fast. */
const FAULT_COST = 9;
const MOST_FAULTS = 32;
/** How fast faults are forgotten: half as fast after each further one in a row, five times at most. */
const FAULT_DECAY_MS = 10_000;
const MOST_HALVINGS = 5;

/** Costs this close count as equal: latency of equal hosts differs by that much, and calls would pile up on one. */
const ALIKE = 2;

/** How loaded one host is, and how slow: what a call sent there would cost. */
export class Load {
  outstanding = 0;
  readonly latency = new Latency();
  #settled = false;
  #lastSignAt = 0;
  #faults = 0;
  #faultsInARow = 0;
  #faultAt = 0;

  begin(now: number): void {
    // Nobody expects a sign of life from a host that has nothing to do.
    if (this.outstanding === 0) this.#lastSignAt = now;
    this.outstanding++;
  }

  end(): void {
    this.outstanding--;
    this.#settled = true;
  }

  /** It said something. */
  sign(now: number): void {
    this.#lastSignAt = now;
  }

  /** It works: each answer makes half of its faults forgotten. */
  works(now: number): void {
    this.#lastSignAt = now;
    this.#faultsInARow = 0;
    if (this.#faults > 0) this.#remember(now, this.#recentFaults(now) / 2);
  }

  fault(now: number): void {
    const recent = this.#recentFaults(now);
    this.#faultsInARow++;
    this.#remember(now, Math.min(recent + 1, MOST_FAULTS));
  }

  /** A host that has not had a call yet and has none under way: it is tried first. */
  get isNew(): boolean {
    return !this.#settled && this.outstanding === 0;
  }

  /** What to expect of one call there, in milliseconds. `typicalMs` stands in where nothing was measured. */
  expectedMs(now: number, typicalMs: number): number {
    // A host that owes answers and is silent is at least as slow as that, before any of its calls has ended.
    const silentMs = this.outstanding > 0 ? now - this.#lastSignAt : 0;
    const measuredMs = this.latency.known ? this.latency.read(now) : typicalMs;
    return Math.max(measuredMs, silentMs) * (1 + FAULT_COST * this.#recentFaults(now));
  }

  #recentFaults(now: number): number {
    if (this.#faults === 0) return 0;
    const halvings = Math.min(Math.max(this.#faultsInARow - 1, 0), MOST_HALVINGS);
    return this.#faults * Math.exp(-(now - this.#faultAt) / (FAULT_DECAY_MS * 2 ** halvings));
  }

  #remember(now: number, faults: number): void {
    this.#faults = faults < 0.01 ? 0 : faults;
    this.#faultAt = now;
  }
}

/** The one of two that costs less now, by expected latency and calls under way; the first where they cost the same. */
export function lessLoaded<T extends { readonly load: Load }>(a: T, b: T, now: number, typicalMs: number): T {
  if (a.load.isNew !== b.load.isNew) return a.load.isNew ? a : b;
  const msA = a.load.expectedMs(now, typicalMs);
  const msB = b.load.expectedMs(now, typicalMs);
  const [callsA, callsB] = [a.load.outstanding + 1, b.load.outstanding + 1];
  if (msA <= msB * ALIKE && msB <= msA * ALIKE) return callsB < callsA ? b : a;
  return msB * callsB < msA * callsA ? b : a;
}

/** What a call takes on the hosts that are known, or a millisecond where none is. */
export function typicalLatencyMs(hosts: readonly { readonly load: Load }[], now: number): number {
  let sum = 0;
  let known = 0;
  for (const { load } of hosts) {
    if (!load.latency.known) continue;
    sum += load.latency.read(now);
    known++;
  }
  return known === 0 ? 1 : Math.max(sum / known, 0.1);
}
