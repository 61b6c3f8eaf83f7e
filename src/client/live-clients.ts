import type { Logger } from "../contract/logger.ts";

/**
 * How many clients of one address are nothing to talk about: a few differ in their options (credentials, limits, models).
 * A program that makes one a request, which is the mistake meant here, has more than that within its first second.
 */
const FEW = 10;

interface Place {
  readonly clients: Set<WeakRef<object>>;
  /** Told once for each tenfold of what is few, so that a log is not filled with it. */
  warnAbove: number;
}

/** Shared by all copies of the package in a process: the connections of all of them go to the same server. */
const REGISTRY = Symbol.for("tfserving.liveClients.1");

interface Membership {
  readonly endpoint: string;
  readonly ref: WeakRef<object>;
}

let collected: FinalizationRegistry<Membership> | undefined;

/**
 * Counts a client that has begun to use its address, until the returned function is called or nobody holds the client any
 * more. Warns when many are there at once: through the logger, or as a warning of the process where it has no `warn`.
 */
export function joinLiveClients(client: object, endpoint: string, logger: Logger): () => void {
  const places = registry();
  const place = places.get(endpoint) ?? { clients: new Set(), warnAbove: FEW };
  places.set(endpoint, place);
  const membership = { endpoint, ref: new WeakRef(client) };
  place.clients.add(membership.ref);
  collected ??= new FinalizationRegistry(leave);
  collected.register(client, membership, membership);
  if (place.clients.size > place.warnAbove) {
    place.warnAbove *= 10;
    warn(place.clients.size, endpoint, logger);
  }
  return () => {
    collected?.unregister(membership);
    leave(membership);
  };
}

function leave({ endpoint, ref }: Membership): void {
  const places = registry();
  const place = places.get(endpoint);
  if (place === undefined) return;
  place.clients.delete(ref);
  if (place.clients.size === 0) places.delete(endpoint);
}

function registry(): Map<string, Place> {
  const shared = globalThis as { [REGISTRY]?: Map<string, Place> };
  shared[REGISTRY] ??= new Map();
  return shared[REGISTRY];
}

function warn(count: number, endpoint: string, logger: Logger): void {
  const text = `${count} clients of ${endpoint} are in use at once, each with connections of its own: one client serves any number of calls, and close() ends one that is done`;
  if (logger.warn !== undefined) logger.warn(text, { endpoint, clients: count });
  else process.emitWarning(text, { code: "TFSERVING_MANY_CLIENTS" });
}
