/**
 * How calls are spread over the replicas of one service: a list of addresses, or a name that stands for several.
 *
 * What counts as a host's own fault: no connection, a lost one, no answer in time, something that is not the protocol.
 * Never the caller's faults (a wrong request, an unknown model, no permission) and never a full queue.
 */
export interface BalancingOptions {
  /**
   * How long the addresses of a name are used before they are looked up again, in milliseconds, give or take a fifth
   * so that many clients do not ask together. `Infinity` looks up once. Without effect on IP addresses.
   * @default 15_000
   */
  readonly refreshMs?: number | undefined;
  /**
   * Gives the IP addresses of a host name, in place of the system's resolver. What it throws, and an empty list, leaves
   * the addresses in use as they are; on the first call it rejects with kind `unavailable`.
   * @default the system's resolver (`node:dns` lookup)
   */
  readonly lookup?: LookupAddresses | undefined;
  /**
   * After how many of a host's own faults in a row it gets no more calls for a while. `Infinity` takes nobody out.
   * A host that answers less than 80 % of at least 10 calls in 10 s is taken out too where others do better.
   * @default 5
   */
  readonly ejectAfterFaults?: number | undefined;
  /**
   * How long a host is left out for the first time, in milliseconds; one call then tries it. Doubles with each trial
   * that fails.
   * @default 5_000
   */
  readonly ejectMs?: number | undefined;
  /** The longest time that a host is left out between two trials, in milliseconds. @default 300_000 */
  readonly maxEjectMs?: number | undefined;
  /**
   * How many of the hosts may be left out at once, from 0 to 100 %, rounded down. The rest stay in use whatever they do.
   * @default 50
   */
  readonly maxEjectedPercent?: number | undefined;
}

/** The IP addresses of a host name, IPv4 and IPv6 in the order of preference. */
export type LookupAddresses = (hostname: string) => Promise<readonly string[]>;
