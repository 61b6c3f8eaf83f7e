import { Channel } from "./channel/channel.ts";
import { toChannelCredentials } from "./channel/channel-credentials.ts";
import { toChannelOptions, toGrpcTarget } from "./channel/channel-options.ts";
import type { GrpcTransportOptions } from "./options.ts";

/**
 * The channels to one server: up to `connections` of them, each opened by the first call that it gets. grpc-js sets
 * compression per channel, so calls that want it have channels of their own.
 */
export class Connection {
  readonly #options: GrpcTransportOptions;
  readonly #channels: Record<"gzip" | "none", Channel[]> = { none: [], gzip: [] };
  #credentials: ReturnType<typeof toChannelCredentials> | undefined;
  #closed = false;

  constructor(options: GrpcTransportOptions) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** The channel with the fewest calls under way; a new one where all are busy and there may be more. */
  channel(compression: "gzip" | "none"): Channel {
    const channels = this.#channels[compression];
    let least: Channel | undefined;
    for (const channel of channels) {
      if (least === undefined || channel.outstanding < least.outstanding) least = channel;
    }
    if (least !== undefined && (least.outstanding === 0 || channels.length >= this.#options.connections)) return least;
    const channel = this.#create(compression);
    channels.push(channel);
    return channel;
  }

  /** Ends all channels. Connections that are ready are left as HTTP/2 wants it, the others are cut. */
  close(): void {
    this.#closed = true;
    for (const channels of Object.values(this.#channels)) {
      for (const channel of channels) channel.close();
      channels.length = 0;
    }
  }

  #create(compression: "gzip" | "none"): Channel {
    this.#credentials ??= toChannelCredentials(this.#options);
    return new Channel({
      target: toGrpcTarget(this.#options.target),
      credentials: this.#credentials,
      options: toChannelOptions(this.#options, compression),
      compression,
      connectTimeoutMs: this.#options.connectTimeoutMs,
      onGivenUp: () => this.#warnGivenUp(),
    });
  }

  #warnGivenUp(): void {
    const { logger, target, connectTimeoutMs } = this.#options;
    try {
      logger?.warn?.("gRPC channel did not get ready, the next call opens another", {
        endpoint: target.endpoint,
        connectTimeoutMs,
      });
    } catch {
      // A logger cannot fail a call.
    }
  }
}
