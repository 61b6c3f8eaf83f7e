import { quote } from "./quote.ts";

/** Names longer than this are not compared: the work grows with the product of the lengths. */
const LONGEST = 64;

/**
 * `; did you mean "timeoutMs"?` when one of the candidates is close to the name, else nothing: ready to be put at the
 * end of a message.
 */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const found = closest(name, candidates);
  return found === undefined ? "" : `; did you mean ${quote(found)}?`;
}

/**
 * The candidate that was most likely meant. Case, `_` and `-` do not count; one name beginning with the other
 * (`signature`, `signatureName`) is close, and so are a few typing slips: one in three characters at most.
 */
export function closest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = plain(name);
  if (wanted.length === 0 || wanted.length > LONGEST) return undefined;
  let best: string | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const other = plain(candidate);
    if (candidate === name || other.length === 0 || other.length > LONGEST) continue;
    const distance = isStem(wanted, other) ? 0 : editDistance(wanted, other);
    if (distance > Math.max(1, Math.floor(Math.max(wanted.length, other.length) / 3))) continue;
    // Two names of one character each always differ by one: that says nothing.
    if (distance >= Math.max(wanted.length, other.length)) continue;
    // Of two that begin alike the one of about the same length was meant.
    const rank = distance + Math.abs(wanted.length - other.length) / (2 * LONGEST);
    if (rank < bestRank) {
      best = candidate;
      bestRank = rank;
    }
  }
  return best;
}

function plain(name: string): string {
  return name.toLowerCase().replace(/[_-]/g, "");
}

function isStem(a: string, b: string): boolean {
  const [short, long] = a.length < b.length ? [a, b] : [b, a];
  return short.length >= 4 && long.startsWith(short);
}

/** Insertions, deletions, changes and swaps of neighbours that lead from one to the other. */
function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        cost = Math.min(cost, beforeLast[j - 2]! + 1);
      row.push(cost);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
