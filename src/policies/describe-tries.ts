import type { CallLedger } from "../contract/transport.ts";
import { oneLine } from "../internal/one-line.ts";

/** Replicas that are named, and characters of what each failed with. */
const MOST_NAMED = 8;
const LONGEST_FAULT = 160;

/**
 * What became of a call's tries, in one line: how many there were, where they went, and what the last of them failed
 * with at each server. Undefined while none has failed.
 *
 * `only` is where tries go for which nobody chose among several.
 */
export function describeTries(ledger: CallLedger, only: string): string | undefined {
  const { faults = [], started = 0 } = ledger;
  if (faults.length === 0) return undefined;
  const servers = new Map<string, { tries: number; last: string }>();
  const count = (endpoint: string, fault: string | undefined) => {
    const { tries = 0, last = "no answer" } = servers.get(endpoint) ?? {};
    servers.set(endpoint, { tries: tries + 1, last: fault ?? last });
  };
  for (const { endpoint, code, message } of faults) {
    count(endpoint ?? only, `[${code}] ${oneLine(message, LONGEST_FAULT)}`);
  }
  if (started > faults.length) count(ledger.endpoint ?? only, undefined);
  const parts = [...servers].map(
    ([endpoint, { tries, last }]) => `${endpoint}${tries === 1 ? "" : ` (${tries} times)`} ${last}`,
  );
  const named = parts.slice(0, MOST_NAMED);
  if (parts.length > named.length) named.push(`${parts.length - named.length} more`);
  const tries = Math.max(started, faults.length);
  return `${tries} ${tries === 1 ? "attempt" : "attempts"}: ${named.join("; ")}`;
}
