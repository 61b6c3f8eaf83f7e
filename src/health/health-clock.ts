import { type Clock, systemClock } from "../internal/clock.ts";

/** The clock of a health check: lengths from `now()`, the reader's time of day from `date()`. */
export interface HealthClock extends Clock {
  date(): Date;
}

export const systemHealthClock: HealthClock = { ...systemClock, date: () => new Date() };
