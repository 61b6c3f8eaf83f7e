import { readFileSync } from "node:fs";
import { createServer as createHttp2Server } from "node:http2";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import type { WireOptions } from "../../../src/assembly/wire-options.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer, type TestServerOptions } from "../../../src/testing/test-server.ts";
import { listen } from "./listen.ts";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url));
const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
});

type Wire = "grpc" | "rest";
const addressOf = (server: TestServer, wire: Wire) => (wire === "grpc" ? server.grpcAddress : server.restAddress);

async function start(options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  const server = await createTestServer({ models: { half_plus_two: halfPlusTwo }, ...options });
  opened.push(server);
  return server;
}

function connect(address: string | readonly string[], options: ClientOptions & WireOptions = {}): ServingClient {
  const client = createClient(address, options);
  opened.push(client);
  return client;
}

const ask = (client: ServingClient) => client.getModelStatus({ model: "half_plus_two" });

/** The address of a server by another name, which only a look-up of the test's own knows. */
function named(server: TestServer, wire: Wire, name = "replicas.test"): string {
  return addressOf(server, wire).replace("127.0.0.1", name);
}

/** Servers on one port of several addresses of the loopback, as pods of one service have it. */
async function startReplicas(wire: Wire, hosts: readonly string[], port = 0): Promise<TestServer[]> {
  const portOption = wire === "grpc" ? "grpcPort" : "restPort";
  const servers: TestServer[] = [];
  for (const host of hosts) {
    const known = servers[0] === undefined ? port : Number(new URL(addressOf(servers[0], wire)).port);
    servers.push(await start({ host, [portOption]: known }));
  }
  return servers;
}

describe.each(["grpc", "rest"] as const)("a client of several servers over %s", (wire) => {
  it("spreads calls over a list of addresses", async () => {
    const servers = [await start(), await start(), await start()];
    const addresses = servers.map((server) => addressOf(server, wire));
    const client = connect(addresses);
    expect(client.endpoint).toBe(addresses.join(","));
    await Promise.all(Array.from({ length: 90 }, () => ask(client)));
    // Calls under way count: of 90 at once no server is left with much less than its part.
    for (const server of servers) expect(server.calls.length).toBeGreaterThan(10);
    expect(client.endpoints().map(({ address, state }) => [address, state])).toEqual(
      addresses.map((address) => [address, "active"]),
    );
  });

  it("spreads calls over the addresses of a name, and follows it when they change", async () => {
    const [first, second, third] = (await startReplicas(wire, ["127.0.0.1", "127.0.0.2", "127.0.0.3"])) as [
      TestServer,
      TestServer,
      TestServer,
    ];
    let answer: string[] = ["127.0.0.1"];
    const changes: ClientEvent[] = [];
    let told = () => {};
    const client = connect(named(first, wire), {
      balancing: { lookup: async () => answer, refreshMs: 20 },
      onEvent: (event) => {
        if (event.type !== "addressesChanged") return;
        changes.push(event);
        told();
      },
    });
    const changed = () => new Promise<void>((resolve) => (told = resolve));
    await ask(client);
    answer = ["127.0.0.1", "127.0.0.2", "127.0.0.3"];
    await changed();
    const isShared = () => [second, third].every(({ calls }) => calls.length > 10);
    while (!isShared()) await Promise.all(Array.from({ length: 10 }, () => ask(client)));
    second.inject({ delayMs: 150, operation: "getModelStatus" });
    third.inject({ delayMs: 150, operation: "getModelStatus" });
    const underWay = Array.from({ length: 10 }, () => ask(client));
    answer = ["127.0.0.1", "127.0.0.3"];
    await changed();
    const before = second.calls.length;
    expect(await Promise.all(underWay)).toHaveLength(10);
    await Promise.all(Array.from({ length: 30 }, () => ask(client)));
    expect(second.calls.length - before).toBeLessThanOrEqual(10);
    expect(client.endpoints().map(({ address }) => address)).toEqual(
      [first, third].map((server) => addressOf(server, wire)),
    );
    expect(changes).toHaveLength(3);
  });

  it("checks certificates by the name, and by serverName where that is given", async () => {
    const server = await start({ tls: { cert: pem("server"), key: pem("server-key") } });
    const balancing = { lookup: async () => ["127.0.0.1"] };
    const right = connect(named(server, wire), { balancing, tls: { ca: pem("ca"), serverName: "localhost" } });
    await ask(right);
    const wrong = connect(named(server, wire), { balancing, tls: { ca: pem("ca") } });
    const error = await ask(wrong).catch((caught: Error) => caught);
    expect(error).toMatchObject({ kind: "tls" });
    expect((error as Error).message).toContain("replicas.test");
  });

  it("leaves a name alone with balancing false", async () => {
    const server = await start();
    let lookups = 0;
    const lookup = async () => {
      lookups++;
      return ["127.0.0.1"];
    };
    const client = connect(addressOf(server, wire).replace("127.0.0.1", "localhost"), { balancing: { lookup } });
    await ask(client);
    const plain = connect(named(server, wire, "name.invalid"), { balancing: false, maxRetries: 0 });
    await expect(ask(plain)).rejects.toMatchObject({ kind: "unavailable" });
    expect(lookups).toBe(0);
    expect(() => createClient([named(server, wire, "a"), named(server, wire, "b")], { balancing: false })).toThrow(
      new TypeError('createClient: option "balancing" is false, but there are 2 addresses'),
    );
  });

  it("opens the circuit of a lone server, and says so", async () => {
    const server = await start();
    const events: string[] = [];
    const client = connect(addressOf(server, wire), {
      maxRetries: 0,
      circuitBreaker: { faults: 2, openMs: 60_000 },
      onEvent: ({ type }) => events.push(type),
    });
    server.inject({ reset: true });
    await expect(ask(client)).rejects.toMatchObject({ kind: "unavailable" });
    await expect(ask(client)).rejects.toMatchObject({ kind: "unavailable" });
    const strikes = server.calls.length;
    await expect(ask(client)).rejects.toThrow(/circuit open: .*, tried again in \d+ ms/);
    expect(server.calls.length).toBe(strikes);
    expect(client.endpoints()).toMatchObject([{ circuit: "open", faultsInARow: 2 }]);
    expect(events).toContain("circuitOpened");
  });
});

describe("the server's name, where its address was looked up", () => {
  const balancing = { lookup: async () => ["127.0.0.1"] };

  it("stays the host of a REST request", async () => {
    const server = await start();
    const client = connect(named(server, "rest"), { balancing });
    await ask(client);
    expect(server.calls[0]?.headers["host"]).toBe(`replicas.test:${new URL(server.restAddress).port}`);
    expect(client.endpoints()[0]?.address).toBe(server.restAddress);
  });

  it("stays the authority of a gRPC call", async () => {
    const authorities: unknown[] = [];
    const peer = createHttp2Server().on("stream", (stream, headers) => {
      authorities.push(headers[":authority"]);
      stream.respond({ ":status": 200, "content-type": "application/grpc", "grpc-status": "5" }, { endStream: true });
    });
    const port = await listen(peer);
    opened.push({ close: () => new Promise((resolve) => peer.close(resolve)) });
    const client = connect(`grpc://replicas.test:${port}`, { balancing });
    await expect(ask(client)).rejects.toMatchObject({ code: "NOT_FOUND", endpoint: `grpc://127.0.0.1:${port}` });
    expect(authorities).toEqual([`replicas.test:${port}`]);
  });
});
