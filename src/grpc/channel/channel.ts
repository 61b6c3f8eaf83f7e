import type { Socket } from "node:net";
import { type ChannelCredentials, type ChannelOptions, Client, connectivityState } from "@grpc/grpc-js";
import { WatchedCredentials } from "./channel-credentials.ts";
import { MAX_BACKOFF_MS } from "./channel-options.ts";
import { keepCompression, takesLazyMessages } from "./grpc-internals.ts";
import { ShortWay } from "./short-way.ts";

/** How long a connection may take to say goodbye. No call is left on it then. */
const LEAVE_MS = 100;

export interface ChannelSettings {
  /** In grpc-js' words: `dns:localhost:8500`. */
  readonly target: string;
  readonly credentials: ChannelCredentials;
  readonly options: ChannelOptions;
  readonly compression: "gzip" | "none";
  readonly connectTimeoutMs: number;
  /** Told when the channel is thrown away because it did not get ready. */
  readonly onGivenUp: () => void;
}

/** A channel as one call uses it. */
export interface ChannelUse extends Ways {
  readonly client: Client;
  /** Whether it is connected, so that the call goes out at once. */
  readonly ready: boolean;
}

/** What the grpc-js inside allows. */
interface Ways {
  /** Whether a message may write itself into the frame. */
  readonly lazy: boolean;
  /** How a call is made on the channel once that is connected, where it can be made without the client. */
  readonly short: ShortWay | undefined;
}

/**
 * One grpc-js channel, opened by its first call, with a limit for connecting. A channel that does not get ready in
 * time is thrown away with its sockets, and the next call opens another.
 */
export class Channel {
  /** Calls under way, for choosing the least busy channel. */
  outstanding = 0;
  /** Why TLS failed the last time that a connection was made. */
  handshakeError: unknown;
  readonly #settings: ChannelSettings;
  #opened: Opened | undefined;

  constructor(settings: ChannelSettings) {
    this.#settings = settings;
  }

  /**
   * The client to make a call with; connecting begins here where it has not. A promise for the first calls only: the
   * others have no time to lose.
   */
  use(): ChannelUse | Promise<ChannelUse> {
    let opened = this.#opened ?? this.#open();
    let state = opened.client.getChannel().getConnectivityState(true);
    if (state === connectivityState.TRANSIENT_FAILURE && this.#isStuck(opened)) {
      // grpc-js may wait for ever for a peer that accepts and says nothing, and fail all calls meanwhile.
      this.#drop(opened);
      this.#settings.onGivenUp();
      opened = this.#open();
      state = opened.client.getChannel().getConnectivityState(true);
    }
    const ready = state === connectivityState.READY;
    if (ready) opened.failingSince = undefined;
    const { client, ways } = opened;
    return ways instanceof Promise ? ways.then((known) => ({ client, ready, ...known })) : { client, ready, ...ways };
  }

  /**
   * Calls `onTimeout` when the channel is not ready within `connectTimeoutMs` of the first call that waits for it,
   * `onReady` when it is. Returns the way out, for calls that end or are cancelled before.
   */
  watchConnect(onTimeout: () => void, onReady: () => void): () => void {
    const opened = this.#opened;
    if (opened === undefined) return () => {};
    const waiter = { onTimeout, onReady };
    opened.waiting.add(waiter);
    if (!opened.following) {
      opened.following = true;
      if (Number.isFinite(this.#settings.connectTimeoutMs)) {
        opened.connectTimer = setTimeout(() => this.#timeOut(opened), this.#settings.connectTimeoutMs);
        // The calls that wait keep the process alive; this must not.
        opened.connectTimer.unref();
      }
      this.#follow(opened);
    }
    return () => {
      opened.waiting.delete(waiter);
    };
  }

  close(): void {
    if (this.#opened !== undefined) this.#drop(this.#opened);
  }

  #open(): Opened {
    const { target, credentials, options, compression } = this.#settings;
    const sockets = new Set<Socket>();
    let isDropped = false;
    const watched = new WatchedCredentials(credentials, {
      onSocket: (socket) => {
        this.handshakeError = undefined;
        sockets.add(socket);
        socket.once("close", () => sockets.delete(socket));
        // TCP came about after the channel was thrown away: nobody else would end it.
        if (isDropped) socket.destroy();
      },
      onHandshakeError: (error) => {
        this.handshakeError = error;
      },
    });
    const client = new Client(target, watched, options);
    const channel = client.getChannel();
    if (compression === "gzip") keepCompression(channel);
    const ways = waysOf(client, this.#settings);
    const opened: Opened = {
      client,
      cut: () => {
        isDropped = true;
        for (const socket of sockets) socket.destroy();
      },
      waiting: new Set(),
      connectTimer: undefined,
      following: false,
      failingSince: undefined,
      ways,
    };
    ways.then((known) => {
      opened.ways = known;
    });
    this.#opened = opened;
    return opened;
  }

  /** Watches the channel until connecting has ended one way or the other; grpc-js fails the waiting calls itself. */
  #follow(opened: Opened): void {
    const channel = opened.client.getChannel();
    const state = channel.getConnectivityState(false);
    if (state === connectivityState.CONNECTING || state === connectivityState.IDLE) {
      channel.watchConnectivityState(state, Number.POSITIVE_INFINITY, () => this.#follow(opened));
      return;
    }
    if (state === connectivityState.TRANSIENT_FAILURE) opened.failingSince ??= performance.now();
    if (state === connectivityState.READY) for (const { onReady } of opened.waiting) onReady();
    stopWatch(opened);
  }

  #isStuck(opened: Opened): boolean {
    opened.failingSince ??= performance.now();
    return performance.now() - opened.failingSince > this.#settings.connectTimeoutMs + MAX_BACKOFF_MS;
  }

  #timeOut(opened: Opened): void {
    const waiting = [...opened.waiting];
    this.#drop(opened);
    this.#settings.onGivenUp();
    for (const { onTimeout } of waiting) onTimeout();
  }

  #drop(opened: Opened): void {
    if (this.#opened === opened) this.#opened = undefined;
    stopWatch(opened);
    const isReady = opened.client.getChannel().getConnectivityState(false) === connectivityState.READY;
    opened.client.close();
    // grpc-js takes leave of a connection that is ready; one that never got so would stay open.
    if (!isReady) opened.cut();
    // So would a ready one with a stream that the server never let begin, though nobody waits for that any more.
    else setTimeout(opened.cut, LEAVE_MS).unref();
  }
}

interface Opened {
  readonly client: Client;
  /** Ends the connections that are being made, and those that still come. */
  cut(): void;
  readonly waiting: Set<{ onTimeout(): void; onReady(): void }>;
  connectTimer: NodeJS.Timeout | undefined;
  following: boolean;
  /** Since when connecting has failed without a break; on the monotonic clock. */
  failingSince: number | undefined;
  ways: Ways | Promise<Ways>;
}

function stopWatch(opened: Opened): void {
  clearTimeout(opened.connectTimer);
  opened.connectTimer = undefined;
  opened.following = false;
  opened.waiting.clear();
}

/** What only the client of grpc-js acts on; a channel that is not grpc-js' own is left to it too. */
const CLIENT_OPTIONS = [
  "interceptors",
  "interceptor_providers",
  "callInvocationTransformer",
  "channelOverride",
  "channelFactoryOverride",
];

async function waysOf(client: Client, { options, compression }: ChannelSettings): Promise<Ways> {
  // zlib wants bytes, so a compressing channel is not even asked.
  const lazy = compression === "none" && (await takesLazyMessages(client.getChannel()));
  const isPlain = lazy && !CLIENT_OPTIONS.some((name) => options[name] !== undefined);
  return { lazy, short: isPlain ? await ShortWay.of(client) : undefined };
}
