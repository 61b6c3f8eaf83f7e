// A client loads its wire with its first call, which takes seconds of that call's time on a busy machine.
import "../../../src/grpc/transport.ts";
import "../../../src/rest/transport.ts";
import { createClient } from "../../../src/assembly/create-client.ts";
import type { WireOptions } from "../../../src/assembly/wire-options.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import type { CallOptions } from "../../../src/contract/call-options.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { createFaultProxy, type FaultProxy } from "../../../src/testing/faults/fault-proxy.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { createTestServer, type TestServer, type TestServerOptions } from "../../../src/testing/test-server.ts";
import { type Arrival, type Arrivals, modelOf } from "./arrivals.ts";
import { findBreaches } from "./find-breaches.ts";
import { freePort } from "./free-port.ts";
import { type Http1Script, startHttp1Server } from "./http1-server.ts";
import { type Http2Script, startHttp2Server } from "./http2-server.ts";
import { ClientLedger, type Outcome } from "./ledger.ts";
import { Leftovers } from "./leftovers.ts";
import { Stalls } from "./stalls.ts";
import { listenTcp } from "./tcp-server.ts";

export type WireName = "grpc" | "rest";

/** Short, so that a test of a server that never answers is one too. */
export const SHORT_TIMEOUT_MS = 400;

/** Long enough for a call to come as far as it can on any machine, where the error says how far that was. */
export const PHASE_TIMEOUT_MS = 1_500;

/** What ends a call that was not meant to end so. */
const TIMEOUT_MS = 20_000;

/** What an ask may say besides the options of the call. */
export interface Ask extends CallOptions {
  /** @default the one with the call's number in its name, which raw servers read */
  readonly model?: string | undefined;
  /** Elements of the input after the first, which is the call's number. @default 0 */
  readonly padding?: number | undefined;
}

interface Raw {
  readonly arrivals: Arrivals;
  readonly open: number;
  resume(): void;
  close(): Promise<void>;
}

/** One test's servers, clients and calls: opened here, closed at its end, and held against the common law. */
export class Laboratory {
  readonly wire: WireName;
  readonly ledger = new ClientLedger();
  readonly stalls = new Stalls();
  readonly #leftovers = new Leftovers();
  /** Each with the timeout of its calls. */
  readonly #clients = new Map<ServingClient, number>();
  readonly #testServers: TestServer[] = [];
  readonly #raw: Raw[] = [];
  readonly #closers: (() => Promise<unknown> | unknown)[] = [];

  constructor(wire: WireName) {
    this.wire = wire;
  }

  /** A gRPC server that writes its frames by itself. */
  async http2(script: Http2Script = {}, options: Parameters<typeof startHttp2Server>[1] = {}) {
    const server = await startHttp2Server(script, options);
    this.#raw.push(server);
    return server;
  }

  /** A REST server that writes its bytes by itself. */
  async http1(script: Http1Script = {}, options: Parameters<typeof startHttp1Server>[1] = {}) {
    const server = await startHttp1Server(script, options);
    this.#raw.push(server);
    return server;
  }

  /** The raw server of this test's wire, with the script of that wire. */
  server(scripts: { readonly grpc: Http2Script; readonly rest: Http1Script }, port?: number) {
    const options = port === undefined ? {} : { port };
    return this.wire === "grpc" ? this.http2(scripts.grpc, options) : this.http1(scripts.rest, options);
  }

  /** A server that does everything right; its model `echo` gives the call's number back. */
  async testServer(options: Partial<TestServerOptions> = {}): Promise<TestServer & { readonly address: string }> {
    const server = await createTestServer({ models: { echo }, ...options });
    this.#closers.push(() => server.close());
    this.#testServers.push(server);
    return Object.assign(server, { address: this.wire === "grpc" ? server.grpcAddress : server.restAddress });
  }

  async proxy(address: string, seed = 1): Promise<FaultProxy> {
    const proxy = await createFaultProxy(address, { seed });
    this.#closers.push(() => proxy.close());
    return proxy;
  }

  /** A server that is nothing but its sockets: what a script for it can only spoil. */
  async tcp(...parameters: Parameters<typeof listenTcp>) {
    const server = await listenTcp(...parameters);
    this.#closers.push(() => server.close());
    return { server, address: this.address(server.port) };
  }

  /** A port of the loopback where nobody listens. */
  async nobody(): Promise<string> {
    return this.address(await freePort());
  }

  address(port: number, host = "127.0.0.1"): string {
    return `${this.wire === "grpc" ? "grpc" : "http"}://${host}:${port}`;
  }

  client(address: string | readonly string[], options: ClientOptions & WireOptions = {}): ServingClient {
    const client = createClient(address, { timeoutMs: TIMEOUT_MS, connectTimeoutMs: 10_000, ...options });
    this.#clients.set(client, options.timeoutMs ?? TIMEOUT_MS);
    return client;
  }

  /** Makes one predict and waits for its end, whatever that is. */
  ask(client: ServingClient, { model, padding = 0, ...options }: Ask = {}): Promise<Outcome> {
    const timeoutMs = options.timeoutMs ?? this.#clients.get(client) ?? TIMEOUT_MS;
    return this.ledger.run(
      (call, onResponse) =>
        client.predict(
          { model: model ?? modelOf(call), inputs: { x: input(call, padding) } },
          { ...options, onResponse, headers: { "x-call": String(call), ...options.headers } },
        ),
      { timeoutMs },
    );
  }

  /** Asks again, up to ten times, until there is an answer: the way back after a fault may take more than one call. */
  async askUntilAnswered(client: ServingClient, ask: Ask = {}): Promise<Outcome> {
    let outcome = await this.ask(client, ask);
    for (let tries = 1; outcome.error !== undefined && tries < 10; tries++) outcome = await this.ask(client, ask);
    return outcome;
  }

  /** Time between two moments without what the process was held up by, in milliseconds. */
  elapsed(from: number, to: number): number {
    return to - from - this.stalls.within(from, to);
  }

  /** Waits until something holds that has no event of its own; the test's own limit ends it. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
  }

  /** Ends everything, and holds it against the common law: one sentence a breach. */
  async end(): Promise<string[]> {
    await Promise.all([...this.#clients.keys()].map((client) => client.close({ timeoutMs: 0 })));
    // A server that had stopped reading would not see that its client has gone.
    for (const server of this.#raw) server.resume();
    const leftovers = await this.#leftovers.afterClients(() => this.#raw.reduce((sum, { open }) => sum + open, 0));
    for (const close of this.#closers.reverse()) await close();
    await Promise.all(this.#raw.map((server) => server.close()));
    const left = [...leftovers, ...(await this.#leftovers.afterAll())];
    const seen = [...this.#raw.flatMap(({ arrivals }) => arrivals.all), ...this.#testServers.flatMap(arrivalsOf)];
    this.stalls.end();
    return [...findBreaches(this.ledger.outcomes, seen, this.stalls), ...left];
  }
}

/** A test server keeps no times: what came too late is looked for on raw servers. */
function arrivalsOf({ calls }: TestServer): Arrival[] {
  return calls
    .filter(({ headers }) => "x-call" in headers)
    .map(({ headers }) => ({ at: 0, connection: 0, call: Number(headers["x-call"]), processed: true }));
}

function input(call: number, padding: number): Tensor {
  const data = new Float32Array(1 + padding);
  data[0] = call;
  return new Tensor("float32", [data.length], data);
}
