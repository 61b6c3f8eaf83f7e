import { expect } from "vitest";
import type { Arrival } from "./arrivals.ts";
import { findBreaches } from "./find-breaches.ts";
import type { Outcome } from "./ledger.ts";

/** Holds a test's calls against the law that every row shares. */
export function assertLaw(
  outcomes: readonly Outcome[],
  arrivals: readonly Arrival[],
  leftovers: readonly string[],
): void {
  expect(findBreaches(outcomes, arrivals)).toEqual([]);
  expect(leftovers).toEqual([]);
}
