import { ServingError } from "../../../src/errors/serving-error.ts";
import type { Arrival } from "./arrivals.ts";
import type { Outcome } from "./ledger.ts";
import type { Stalls } from "./stalls.ts";

/** How much later than its deadline a call may settle on a machine that does other things too. */
export const LATE_MS = 150;

/**
 * How long a request that was sent before its call settled may take to be read: new connections wait to be accepted,
 * and this process has other things to do. An attempt that began after the call is not in its ledger, which is found
 * without a clock.
 */
const ON_THE_WAY_MS = 500;

/** Codes that only a server's answer brings: an attempt that ended with one of them was there. */
const ANSWERED: ReadonlySet<string> = new Set([
  "OK",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "FAILED_PRECONDITION",
  "OUT_OF_RANGE",
  "DATA_LOSS",
]);

/**
 * The common law: every call settles once, not later than its deadline, with the right answer or a typed error; the
 * server's count of attempts is the client's; nothing arrives after the call has settled. One sentence a breach.
 */
export function findBreaches(outcomes: readonly Outcome[], arrivals: readonly Arrival[], stalls: Stalls): string[] {
  const byCall = new Map<number | undefined, Arrival[]>();
  for (const arrival of arrivals) {
    const known = byCall.get(arrival.call);
    if (known === undefined) byCall.set(arrival.call, [arrival]);
    else known.push(arrival);
  }
  return outcomes.flatMap((outcome) => {
    const { call, lateMs, attempts, reports, rejection, startedAt, settledAt } = outcome;
    const breaches: string[] = [];
    // A call that a closed client does not let in never began, so its end is not told.
    const begun = outcome.error?.kind !== "closed" || attempts.length > 0;
    if (reports > 1 || (begun && reports !== 1)) breaches.push(`its end was told ${reports} times`);
    // A call that the process was held up in has that time more.
    const heldUpMs = lateMs > LATE_MS ? stalls.within(startedAt, settledAt) : 0;
    if (lateMs - heldUpMs > LATE_MS) breaches.push(`it settled ${Math.round(lateMs)} ms after its deadline`);
    if (outcome.isWrong) breaches.push("it has another call's answer");
    if (rejection !== undefined && !isExpected(rejection)) breaches.push(`it rejected with ${String(rejection)}`);
    const arrived = byCall.get(call) ?? [];
    const processed = arrived.filter((each) => each.processed).length;
    const answered = attempts.filter(({ code }) => ANSWERED.has(code)).length;
    if (processed > attempts.length)
      breaches.push(`${processed} attempts at the server, ${attempts.length} in its ledger`);
    if (arrived.length > 0 && processed < answered)
      breaches.push(`${processed} attempts at the server answered ${answered}`);
    const ghosts = arrived.filter(({ at }) => at - stalls.within(settledAt, at) > settledAt + ON_THE_WAY_MS).length;
    if (ghosts > 0) breaches.push(`${ghosts} attempts after it had settled`);
    return breaches.map((breach) => `call ${call}: ${breach}`);
  });
}

/** A typed error, or the reason that the test itself aborted with. */
function isExpected(rejection: unknown): boolean {
  return rejection instanceof ServingError || rejection instanceof AbortedByTest;
}

/** What tests abort with: the reason has to come back as it is. */
export class AbortedByTest extends Error {
  override readonly name = "AbortedByTest";
}
