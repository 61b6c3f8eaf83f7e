import type { Endpoint } from "./endpoint.ts";
import { lessLoaded, typicalLatencyMs } from "./load.ts";
import { twoOf } from "./two-of.ts";

/** What a call says about where it would like to go. */
export interface Wish {
  readonly avoid: ReadonlySet<string>;
  /** The model it asks for, as {@link modelKey} names it. */
  readonly model: string | undefined;
  /** Whether hosts that were taken out are as good as the others. */
  readonly panic: boolean;
}

/** From best to worst; the last is never used. */
const FREE = 0;
const AVOIDED = 1;
const LACKS_MODEL = 2;
const OUT = 3;
const CLOSED_OFF = 4;

/**
 * The host for a call: of those that rank best, the less loaded of two taken by chance. A host that the call has just
 * failed on, that lately did not have the model, or that was taken out gets it only where there is no better one.
 *
 * Undefined when the circuit of every host is open.
 */
export function chooseEndpoint(
  all: readonly Endpoint[],
  wish: Wish,
  now: number,
  random: () => number,
): Endpoint | undefined {
  let best = CLOSED_OFF;
  let equals: [Endpoint, ...Endpoint[]] | undefined;
  for (const endpoint of all) {
    const rank = rankOf(endpoint, wish, now);
    if (rank < best || equals === undefined) {
      if (rank === CLOSED_OFF) continue;
      best = rank;
      equals = [endpoint];
    } else if (rank === best) {
      equals.push(endpoint);
    }
  }
  if (equals === undefined || equals.length === 1) return equals?.[0];
  const [a, b] = twoOf(equals, random);
  return lessLoaded(a, b, now, typicalLatencyMs(all, now));
}

function rankOf(endpoint: Endpoint, { avoid, model, panic }: Wish, now: number): number {
  if (endpoint.draining || endpoint.breaker?.admits(now) === false) return CLOSED_OFF;
  if (endpoint.state !== "active" && !panic) return OUT;
  if (model !== undefined && endpoint.absent.has(model, now)) return LACKS_MODEL;
  return avoid.size > 0 && avoid.has(endpoint.address) ? AVOIDED : FREE;
}
