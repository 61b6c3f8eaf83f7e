import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { Cancellation } from "../../internal/cancellation.ts";
import { seededRandom } from "../../internal/seeded-random.ts";
import { pipeTcp } from "./tcp-pipe.ts";
import type { Toxic, ToxicDirection } from "./toxic.ts";

export interface FaultProxyOptions {
  /** 0 takes any free one. @default 0 */
  readonly port?: number | undefined;
  /** Where the jitter, the slices and the toxicity come from: the same seed gives the same faults. @default 1 */
  readonly seed?: number | undefined;
}

/** A toxic that was added, and the way to take it out. */
export interface AddedToxic {
  remove(): void;
}

/** A proxy that is running. Ends its connections when it is closed or disposed of. */
export interface FaultProxy extends AsyncDisposable {
  /** Where clients connect: the scheme of the upstream's address, this proxy's port. The port stays while it lives. */
  readonly address: string;
  /** Connections open now. */
  readonly open: number;
  /** Connections taken so far. */
  readonly accepted: number;
  /** Puts a fault on every connection through the proxy, those that stand already too. */
  add(toxic: Toxic): AddedToxic;
  /** Takes every toxic out. */
  clear(): void;
  /** Resets every connection that is open now. New ones are taken. */
  cut(): void;
  /** Resets every connection and refuses new ones until {@link up}. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Starts a TCP proxy in this process that stands in front of any server and does to its connections what networks do:
 * delays, small bandwidth, black holes, resets, cuts. It knows no protocol, so it serves both wires and TLS.
 *
 * @param upstream an address with a scheme, host and port, such as {@link TestServer.grpcAddress}
 * @throws TypeError for an address without a port; Error when its own port is taken
 * @example
 * const proxy = await createFaultProxy(server.grpcAddress);
 * const client = createClient(proxy.address, { timeoutMs: 200 });
 * proxy.add({ toxic: "blackHole" });
 */
export async function createFaultProxy(upstream: string, options: FaultProxyOptions = {}): Promise<FaultProxy> {
  const [, scheme, host, port] = /^([a-z]+):\/\/(\[[^\]]+\]|[^:/[\]]+):(\d+)$/i.exec(upstream) ?? [];
  if (scheme === undefined || host === undefined || port === undefined) {
    throw new TypeError(`createFaultProxy: the address must be scheme://host:port, got ${JSON.stringify(upstream)}`);
  }
  const proxy = new TcpFaultProxy(scheme, { host: host.replace(/^\[|\]$/g, ""), port: Number(port) }, options);
  await proxy.up();
  return proxy;
}

interface Armed {
  readonly toxic: Toxic;
  readonly direction: ToxicDirection;
}

class TcpFaultProxy implements FaultProxy {
  accepted = 0;
  readonly #scheme: string;
  readonly #upstream: { readonly host: string; readonly port: number };
  readonly #random: () => number;
  readonly #toxics = new Set<Armed>();
  readonly #connections = new Set<ProxiedConnection>();
  #port: number;
  #server: Server | undefined;

  constructor(
    scheme: string,
    upstream: { readonly host: string; readonly port: number },
    { port = 0, seed = 1 }: FaultProxyOptions,
  ) {
    this.#scheme = scheme;
    this.#upstream = upstream;
    this.#port = port;
    this.#random = seededRandom(seed);
  }

  get address(): string {
    return `${this.#scheme}://127.0.0.1:${this.#port}`;
  }

  get open(): number {
    return this.#connections.size;
  }

  add(toxic: Toxic): AddedToxic {
    const armed: Armed = { toxic, direction: toxic.direction ?? "downstream" };
    this.#toxics.add(armed);
    for (const connection of this.#connections) connection.meet(armed);
    return {
      remove: () => {
        this.#toxics.delete(armed);
        for (const connection of this.#connections) connection.forget(armed);
      },
    };
  }

  clear(): void {
    for (const connection of this.#connections) for (const armed of this.#toxics) connection.forget(armed);
    this.#toxics.clear();
  }

  cut(): void {
    for (const connection of [...this.#connections]) connection.reset();
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      this.cut();
    });
  }

  async up(): Promise<void> {
    if (this.#server !== undefined) return;
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#take(socket));
    this.#server = server;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(this.#port, "127.0.0.1", () => {
        server.off("error", reject);
        resolve();
      });
    });
    this.#port = (server.address() as AddressInfo).port;
  }

  close(): Promise<void> {
    return this.down();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #take(downstream: Socket): void {
    this.accepted++;
    const upstream = connect({ ...this.#upstream, allowHalfOpen: true });
    const connection = new ProxiedConnection(downstream, upstream, this.#random);
    this.#connections.add(connection);
    connection.ended.onCancel(() => this.#connections.delete(connection));
    for (const armed of this.#toxics) connection.meet(armed);
  }
}

const OVER = new Error("the connection has ended");

/** A client's connection and the one to the server that belongs to it. */
class ProxiedConnection {
  readonly ended = new Cancellation();
  readonly #sockets: readonly [Socket, Socket];
  readonly #random: () => number;
  /** The toxics that meet this connection, each with the way to disarm it. */
  readonly #met = new Map<Armed, () => void>();

  constructor(downstream: Socket, upstream: Socket, random: () => number) {
    this.#sockets = [downstream, upstream];
    this.#random = random;
    for (const socket of this.#sockets) {
      socket.setNoDelay(true);
      // What is no orderly end on one side is none on the other.
      socket.on("error", () => this.reset());
      socket.on("close", () => {
        if (this.#sockets.every((each) => each.destroyed)) this.ended.cancel(OVER);
      });
    }
    const pipe = (from: Socket, to: Socket, direction: ToxicDirection) =>
      pipeTcp({
        from,
        to,
        toxics: () => [...this.#met.keys()].filter((armed) => armed.direction === direction).map(({ toxic }) => toxic),
        random,
        ended: this.ended,
        close: () => this.#close(),
      });
    pipe(downstream, upstream, "upstream");
    pipe(upstream, downstream, "downstream");
  }

  meet(armed: Armed): void {
    const { toxic } = armed;
    if (this.#random() >= (toxic.toxicity ?? 1)) return;
    let timer: NodeJS.Timeout | undefined;
    if (toxic.toxic === "resetPeer") {
      const { afterMs = 0 } = toxic;
      if (afterMs > 0) timer = setTimeout(() => this.reset(), afterMs);
      // A timer of no time would let a quick answer through.
      else this.reset();
    }
    if (toxic.toxic === "blackHole" && toxic.closeAfterMs !== undefined) {
      timer = setTimeout(() => this.#close(), toxic.closeAfterMs);
    }
    const release = this.ended.onCancel(() => clearTimeout(timer));
    this.#met.set(armed, () => {
      clearTimeout(timer);
      release();
    });
  }

  forget(armed: Armed): void {
    this.#met.get(armed)?.();
    this.#met.delete(armed);
  }

  reset(): void {
    for (const socket of this.#sockets) {
      // Node waits for one that is being made, and never closes one that it has begun to end.
      if (socket.connecting || socket.writableEnded) socket.destroy();
      else socket.resetAndDestroy();
    }
    this.ended.cancel(OVER);
  }

  #close(): void {
    for (const socket of this.#sockets) socket.destroySoon();
  }
}
