/** Time as the policies see it; tests hand in one that they move by hand. */
export interface Clock {
  /** Monotonic milliseconds: differences have a meaning, the value has none. */
  now(): number;
  setTimeout(callback: () => void, delayMs: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

export type TimerHandle = unknown;

/** The process's own time. Unaffected by changes of the wall clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, delayMs),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
