import { afterMicrotasks } from "../internal/after-microtasks.ts";
import type { Clock, TimerHandle } from "../internal/clock.ts";

/** Something that can go together with others of its kind. */
export interface Item {
  /** How much of a batch's size it takes, at least 1 and at most `maxSize`. */
  readonly size: number;
  readonly bytes: number;
  /** When it came, while it waits: the batcher's own note. */
  waitingSince?: number | undefined;
}

/** When a batch goes, and how much may wait. */
export interface BatcherLimits<T extends Item> {
  readonly maxSize: number;
  readonly maxBytes: number;
  /** How long an item waits for company while a slot is free, in milliseconds; 0 for not at all. */
  readonly timeoutMs: number;
  /** What may wait in all. Whoever comes first is let in, however large. */
  readonly maxWaitingSize: number;
  readonly maxWaitingBytes: number;
  /** How many batches may be under way; asked each time. */
  readonly slots: () => number;
  /** How many may be under way where the next is full, if more: it gains nothing by waiting. */
  readonly slotsForFull?: (() => number) | undefined;
  /**
   * Begins a count of the bytes of one batch, where these are more than their sum: it is told item after item, and says
   * what those so far take.
   */
  readonly tally?: (() => (item: T) => number) | undefined;
  /** Told each time nothing waits and nothing is under way any more: it can be forgotten then. */
  readonly onIdle?: (() => void) | undefined;
}

/** Items that leave together. */
export interface Batch<T> {
  readonly items: readonly T[];
  readonly size: number;
  readonly longestWaitMs: number;
  readonly totalWaitMs: number;
}

/**
 * A queue that lets items out in batches, in the order in which they came.
 *
 * A batch goes when a slot is free for it and it is full, or its oldest item has waited `timeoutMs`. Before it looks, the
 * promise jobs of the moment run: callers that go on together, such as those of the batch before, come in together. No
 * timer is set unless something waits for company.
 */
export class Batcher<T extends Item> {
  readonly #limits: BatcherLimits<T>;
  readonly #clock: Clock;
  readonly #send: (batch: Batch<T>, free: () => void) => Promise<void>;
  /** In the order in which they came. Those before `#head` have left; those that were taken out wait no more. */
  #queue: T[] = [];
  #head = 0;
  #waiting = 0;
  #waitingSize = 0;
  #waitingBytes = 0;
  /** Batches that take a slot, and those that are not done with: some have given their slot back before. */
  #underWay = 0;
  #unsettled = 0;
  #lookIsDue = false;
  #timer: TimerHandle | undefined;

  /**
   * `send` settles when the batch is done with; it calls `free`, once at most, as soon as another
   * one may leave where that is earlier.
   */
  constructor(limits: BatcherLimits<T>, clock: Clock, send: (batch: Batch<T>, free: () => void) => Promise<void>) {
    this.#limits = limits;
    this.#clock = clock;
    this.#send = send;
  }

  /** The size of all that waits. */
  get waitingSize(): number {
    return this.#waitingSize;
  }

  hasRoomFor(size: number, bytes: number): boolean {
    if (this.#waiting === 0) return true;
    const { maxWaitingSize, maxWaitingBytes } = this.#limits;
    return this.#waitingSize + size <= maxWaitingSize && this.#waitingBytes + bytes <= maxWaitingBytes;
  }

  add(item: T): void {
    item.waitingSince = this.#clock.now();
    this.#queue.push(item);
    this.#waiting++;
    this.#waitingSize += item.size;
    this.#waitingBytes += item.bytes;
    if (this.#isFull()) this.#look();
    else this.#lookSoon();
  }

  /** Takes an item out before it has left. False when it has, or never came. */
  remove(item: T): boolean {
    if (item.waitingSince === undefined) return false;
    this.#leaves(item);
    // What waits no more is passed over when its turn comes, and given up earlier where it is most of the queue.
    if (this.#queue.length - this.#head > 2 * this.#waiting + 64) {
      this.#queue = this.#queue.slice(this.#head).filter(isWaiting);
      this.#head = 0;
    }
    if (this.#waiting === 0) {
      this.#disarm();
      this.#tellIfIdle();
    }
    return true;
  }

  #isFull(): boolean {
    return this.#waitingSize >= this.#limits.maxSize || this.#waitingBytes >= this.#limits.maxBytes;
  }

  #lookSoon(): void {
    if (this.#lookIsDue) return;
    this.#lookIsDue = true;
    afterMicrotasks(() => {
      this.#lookIsDue = false;
      this.#look();
    });
  }

  /** Lets out every batch that may go now; sees to it that the next one goes in time. */
  #look(): void {
    this.#disarm();
    const { timeoutMs } = this.#limits;
    while (this.#waiting > 0 && this.#hasSlot()) {
      if (timeoutMs > 0 && !this.#isFull() && !this.#isDue()) return;
      void this.#letOut(this.#takeBatch());
    }
  }

  #hasSlot(): boolean {
    const { slots, slotsForFull } = this.#limits;
    const count = this.#isFull() ? (slotsForFull?.() ?? slots()) : slots();
    return this.#underWay < count;
  }

  /** Whether the oldest has waited long enough; sets the timer where it has not. */
  #isDue(): boolean {
    while (!isWaiting(this.#queue[this.#head]!)) this.#head++;
    const leftMs = this.#queue[this.#head]!.waitingSince! + this.#limits.timeoutMs - this.#clock.now();
    if (leftMs <= 0) return true;
    this.#timer = this.#clock.setTimeout(() => this.#look(), Math.ceil(leftMs));
    return false;
  }

  #disarm(): void {
    if (this.#timer === undefined) return;
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #takeBatch(): Batch<T> {
    const { maxSize, maxBytes, tally } = this.#limits;
    const count = tally?.();
    const now = this.#clock.now();
    const items: T[] = [];
    let size = 0;
    let bytes = 0;
    let longestWaitMs = 0;
    let totalWaitMs = 0;
    for (; this.#head < this.#queue.length; this.#head++) {
      const item = this.#queue[this.#head]!;
      if (!isWaiting(item)) continue;
      const together = count?.(item) ?? bytes + item.bytes;
      // The first one goes in any case: there is no smaller batch for it.
      if (items.length > 0 && (size + item.size > maxSize || together > maxBytes)) break;
      const waitMs = now - item.waitingSince!;
      longestWaitMs = Math.max(longestWaitMs, waitMs);
      totalWaitMs += waitMs;
      size += item.size;
      bytes += item.bytes;
      items.push(item);
      this.#leaves(item);
    }
    if (this.#head === this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    } else if (this.#head > 1_024 && this.#head > this.#queue.length / 2) {
      this.#queue = this.#queue.slice(this.#head);
      this.#head = 0;
    }
    return { items, size, longestWaitMs, totalWaitMs };
  }

  #leaves(item: T): void {
    item.waitingSince = undefined;
    this.#waiting--;
    this.#waitingSize -= item.size;
    this.#waitingBytes -= item.bytes;
  }

  async #letOut(batch: Batch<T>): Promise<void> {
    this.#underWay++;
    this.#unsettled++;
    let isFree = false;
    const free = () => {
      isFree = true;
      this.#underWay--;
      // A full one needs nobody else: it does not wait for those who come back with an answer.
      if (this.#isFull()) this.#look();
      else if (this.#waiting > 0) this.#lookSoon();
    };
    try {
      await this.#send(batch, free);
    } finally {
      if (!isFree) this.#underWay--;
      this.#unsettled--;
      if (this.#waiting > 0) this.#lookSoon();
      else this.#tellIfIdle();
    }
  }

  #tellIfIdle(): void {
    if (this.#unsettled === 0) this.#limits.onIdle?.();
  }
}

function isWaiting(item: Item): boolean {
  return item.waitingSince !== undefined;
}
