import { isIP } from "node:net";
import type { LookupAddresses } from "../contract/balancing.ts";
import type { EmitEvent } from "../contract/events.ts";
import type { Target } from "../contract/target.ts";
import type { Clock, TimerHandle } from "../internal/clock.ts";
import { spread } from "./back-off.ts";
import { type Reach, raceFamilies } from "./race-families.ts";

/** More addresses than this are not taken from one answer. */
const MOST_ADDRESSES = 256;
/** Between two look-ups, however badly things go. */
const LEAST_PAUSE_MS = 1_000;

export interface NameParts {
  readonly lookup: LookupAddresses;
  readonly reach: Reach;
  readonly clock: Clock;
  readonly random: () => number;
  readonly refreshMs: number;
  readonly connectTimeoutMs: number;
  readonly emit: EmitEvent;
  /** The addresses are others than before. */
  readonly onChange: () => void;
}

/**
 * The servers that one name stands for, looked up with the first call and then every now and again until it is closed.
 * An answer that is empty or an error leaves them as they are.
 *
 * Of a name with addresses of both families one family is used, the one that can be reached: two addresses of one host
 * are no two replicas.
 */
export class ResolvedName {
  readonly #target: Target;
  readonly #parts: NameParts;
  #targets: readonly Target[] = [];
  #family: number | undefined;
  #lookingUp: Promise<void> | undefined;
  #timer: TimerHandle | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(target: Target, parts: NameParts) {
    this.#target = target;
    this.#parts = parts;
  }

  /** Empty before the first answer. */
  get targets(): readonly Target[] {
    return this.#targets;
  }

  /**
   * Looks the name up, once for all who ask meanwhile.
   *
   * @throws what the look-up threw, when there is no answer and never was one
   */
  lookUp(): Promise<void> {
    this.#lookingUp ??= this.#lookUp().finally(() => {
      this.#lookingUp = undefined;
    });
    return this.#lookingUp;
  }

  /**
   * A host failed: its address may be out of date. Looks the name up now, unless that has just been done. `all` says
   * that no host is left that works, so that the other family gets its chance.
   */
  hurry(all: boolean): void {
    if (all) this.#family = undefined;
    const { clock } = this.#parts;
    if (this.#closed || this.#targets.length === 0 || clock.now() - this.#lastAt < LEAST_PAUSE_MS) return;
    this.#refresh();
  }

  close(): void {
    this.#closed = true;
    this.#parts.clock.clearTimeout(this.#timer);
  }

  async #lookUp(): Promise<void> {
    const { clock, emit, lookup } = this.#parts;
    const { host } = this.#target;
    this.#lastAt = clock.now();
    try {
      const answer = await lookup(host);
      const addresses = await this.#ofOneFamily([...new Set(answer)].filter((each) => isIP(each) !== 0));
      if (addresses.length === 0) throw new Error("it has no address");
      if (!this.#closed) this.#take(addresses.slice(0, MOST_ADDRESSES));
    } catch (cause) {
      if (!this.#closed) emit({ type: "lookupFailed", host, kept: this.#targets.length });
      if (this.#targets.length === 0) throw cause;
    } finally {
      this.#schedule();
    }
  }

  #take(addresses: readonly string[]): void {
    const targets = addresses.map((address) => toTarget(this.#target, address));
    const [before, after] = [this.#targets, targets].map((list) => new Set(list.map(({ endpoint }) => endpoint)));
    const added = [...after!].filter((endpoint) => !before!.has(endpoint));
    const removed = [...before!].filter((endpoint) => !after!.has(endpoint));
    if (added.length === 0 && removed.length === 0) return;
    this.#targets = targets;
    this.#parts.emit({ type: "addressesChanged", host: this.#target.host, added, removed });
    this.#parts.onChange();
  }

  async #ofOneFamily(addresses: readonly string[]): Promise<readonly string[]> {
    const [first] = addresses;
    if (first === undefined) return [];
    const other = addresses.find((each) => isIP(each) !== isIP(first));
    if (other === undefined) return addresses;
    if (this.#family === undefined) {
      const { connectTimeoutMs, reach } = this.#parts;
      const reached = await raceFamilies([first, other], this.#target.port, connectTimeoutMs, reach);
      if (reached === undefined) return addresses.filter((each) => isIP(each) === isIP(first));
      this.#family = isIP(reached);
    }
    return addresses.filter((each) => isIP(each) === this.#family);
  }

  #schedule(): void {
    const { clock, random, refreshMs } = this.#parts;
    clock.clearTimeout(this.#timer);
    if (this.#closed || refreshMs === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.setTimeout(() => this.#refresh(), Math.min(spread(refreshMs, random), 2 ** 31 - 1));
    // Asking for addresses is no reason for a process to stay.
    (this.#timer as { unref?: () => void }).unref?.();
  }

  #refresh(): void {
    this.lookUp().catch(() => {});
  }
}

function toTarget(target: Target, address: string): Target {
  const shown = address.includes(":") ? `[${address}]` : address;
  const scheme = target.endpoint.slice(0, target.endpoint.indexOf("://"));
  return { ...target, address, endpoint: `${scheme}://${shown}:${target.port}${target.pathPrefix}` };
}
