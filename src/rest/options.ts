import type { Dispatcher } from "undici";
import type { TransportOptions } from "../contract/transport-options.ts";

/** What a REST transport is opened with. */
export interface RestTransportOptions extends TransportOptions {
  /**
   * An undici dispatcher in place of the pool that is made otherwise: a proxy agent, a pool of one's own. Its
   * connections, timeouts and TLS are its own, and so is closing it.
   * @default none
   */
  readonly dispatcher?: Dispatcher | undefined;
}
