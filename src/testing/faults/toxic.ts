/** Which way bytes go: from the client to the server, or back. */
export type ToxicDirection = "upstream" | "downstream";

/** Which bytes and which connections a toxic meets. */
export interface ToxicScope {
  /** @default "downstream" */
  readonly direction?: ToxicDirection | undefined;
  /** Share of the connections that it meets, from 0 to 1. Drawn once a connection. @default 1 */
  readonly toxicity?: number | undefined;
}

/** Every chunk comes later: `latencyMs`, more or less by up to `jitterMs`. */
export interface LatencyToxic extends ToxicScope {
  readonly toxic: "latency";
  readonly latencyMs: number;
  /** @default 0 */
  readonly jitterMs?: number | undefined;
}

/** No more than so many bytes a second. */
export interface BandwidthToxic extends ToxicScope {
  readonly toxic: "bandwidth";
  readonly bytesPerSecond: number;
}

/** The end of the connection comes later than it came here. */
export interface SlowCloseToxic extends ToxicScope {
  readonly toxic: "slowClose";
  readonly delayMs: number;
}

/** Nothing gets through any more; what comes is dropped. The connection stays, or ends after `closeAfterMs`. */
export interface BlackHoleToxic extends ToxicScope {
  readonly toxic: "blackHole";
  /** @default never */
  readonly closeAfterMs?: number | undefined;
}

/** A TCP reset towards both ends, `afterMs` after the connection or the toxic came, whichever was later. */
export interface ResetPeerToxic extends ToxicScope {
  readonly toxic: "resetPeer";
  /** @default 0 */
  readonly afterMs?: number | undefined;
}

/** Cuts what comes into small pieces, `delayMs` apart. */
export interface SlicerToxic extends ToxicScope {
  readonly toxic: "slicer";
  readonly averageBytes: number;
  /** How far a piece may be from the average. @default 0 */
  readonly variationBytes?: number | undefined;
  /** @default 0 */
  readonly delayMs?: number | undefined;
}

/** Ends the connection when so many bytes have gone through it in this direction. */
export interface LimitDataToxic extends ToxicScope {
  readonly toxic: "limitData";
  readonly bytes: number;
}

/**
 * What a {@link FaultProxy} does to the connections that go through it. The kinds are Toxiproxy's; its `down` is
 * {@link FaultProxy.down}, and its `timeout` is `blackHole` here.
 *
 * @see https://github.com/Shopify/toxiproxy#toxics
 */
export type Toxic =
  | LatencyToxic
  | BandwidthToxic
  | SlowCloseToxic
  | BlackHoleToxic
  | ResetPeerToxic
  | SlicerToxic
  | LimitDataToxic;
