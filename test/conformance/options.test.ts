import { readFileSync } from "node:fs";
import { createServer as createHttp2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { credentials } from "@grpc/grpc-js";
import { Pool } from "undici";
import { afterEach, describe, expect, it } from "vitest";
import { createClient } from "../../src/assembly/create-client.ts";
import type { WireOptions } from "../../src/assembly/wire-options.ts";
import type { ClientOptions } from "../../src/client/options.ts";
import type { ResponseInfo } from "../../src/contract/call-options.ts";
import { createTestServer, type TestServer, type TestServerOptions } from "../../src/testing/test-server.ts";
import { conformanceModel } from "./models.ts";
import { createRelay, type Relay } from "./relay.ts";

type Options = ClientOptions & WireOptions;

const pem = (name: string) => readFileSync(new URL(`../fixtures/tls/${name}.pem`, import.meta.url));
const ask = { model: "m", inputs: { x: [1, 2, 5] } } as const;

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe.each(["grpc", "rest"] as const)("an option's effect over %s", (wire) => {
  const open: { close(): Promise<unknown> }[] = [];
  afterEach(async () => {
    for (const each of open.splice(0).reverse()) await each.close();
  });

  function keep<T extends { close(): Promise<unknown> }>(thing: T): T {
    open.push(thing);
    return thing;
  }

  const start = async (options: Partial<TestServerOptions> = {}) =>
    keep(await createTestServer({ models: { m: conformanceModel() }, ...options }));
  const addressOf = (server: TestServer) => (wire === "grpc" ? server.grpcAddress : server.restAddress);
  const relayTo = async (server: TestServer): Promise<Relay> => keep(await createRelay(addressOf(server)));
  const client = (address: string, options: Options = {}) => keep(createClient(address, options));
  const scheme = wire === "grpc" ? "grpc" : "http";

  /** A port that takes connections and says nothing. */
  async function silentPort(): Promise<string> {
    const sockets = new Set<Socket>();
    const server = createServer((socket) => sockets.add(socket.on("error", () => {})));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    keep({
      close: async () => {
        for (const socket of sockets) socket.destroy();
        server.close();
      },
    });
    return `127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it("timeoutMs ends a call that the server holds", async () => {
    const server = await start();
    server.inject({ hang: true });
    await expect(client(addressOf(server), { timeoutMs: 60 }).predict(ask)).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
      kind: "timeout",
      message: expect.stringContaining("60"),
    });
  });

  it("signal ends a call that the server holds, with its reason", async () => {
    const server = await start();
    server.inject({ hang: true });
    const controller = new AbortController();
    const answer = client(addressOf(server)).predict(ask, { signal: controller.signal });
    const reason = new Error("the user left");
    setImmediate(() => controller.abort(reason));
    await expect(answer).rejects.toBe(reason);
  });

  it("headers reach the server, a call's over the client's, null takes one away", async () => {
    const server = await start();
    const options = { headers: { "x-kept": "client", "x-changed": "client", "x-gone": "client" } };
    await client(addressOf(server), options).predict(ask, { headers: { "X-Changed": "call", "x-gone": null } });
    expect(server.calls[0]?.headers).toMatchObject({ "x-kept": "client", "x-changed": "call" });
    expect(server.calls[0]?.headers).not.toHaveProperty("x-gone");
  });

  it("onResponse is told once what the call did", async () => {
    const server = await start();
    const told: ResponseInfo[] = [];
    await client(addressOf(server), { onResponse: (info) => told.push(info) }).predict(ask);
    expect(told).toHaveLength(1);
    expect(told[0]).toMatchObject({
      operation: "predict",
      model: "m",
      endpoint: addressOf(server),
      attempts: [{ attempt: 1, code: "OK" }],
    });
    expect(told[0]?.requestBytes).toBeGreaterThan(10);
    expect(told[0]?.responseBytes).toBeGreaterThan(10);
    expect(Object.keys(told[0]!.headers)).toContain("content-type");
  });

  it("compression makes a request smaller", async () => {
    const server = await start();
    const sent: number[] = [];
    for (const compression of ["none", "gzip"] as const) {
      const relay = await relayTo(server);
      await client(relay.address, { compression }).predict({ model: "m", inputs: { x: new Float32Array(20_000) } });
      sent.push(relay.sent);
    }
    expect(sent[1]).toBeLessThan(sent[0]! / 10);
  });

  it("auth is asked for each call and sent as the authorization header", async () => {
    const server = await start();
    let count = 0;
    const asked = client(addressOf(server), { auth: async () => `Bearer ${++count}` });
    await asked.predict(ask);
    await asked.predict(ask);
    await client(addressOf(server), { auth: "Basic fixed" }).predict(ask);
    expect(server.calls.map(({ headers }) => headers["authorization"])).toEqual([
      "Bearer 1",
      "Bearer 2",
      "Basic fixed",
    ]);
  });

  it("allowInsecureCredentials lets credentials go unencrypted to another machine", async () => {
    expect(() => createClient(`${scheme}://192.0.2.1`, { auth: "Bearer x" })).toThrow(TypeError);
    client(`${scheme}://192.0.2.1`, { auth: "Bearer x", allowInsecureCredentials: true });
  });

  it("tls.ca decides whom the client believes", async () => {
    const server = await start({ tls: { cert: pem("server"), key: pem("server-key") } });
    await client(addressOf(server), { tls: { ca: pem("ca") } }).predict(ask);
    await expect(client(addressOf(server), { tls: { ca: pem("other-ca") } }).predict(ask)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      kind: "tls",
      retryable: false,
    });
  });

  it("tls.cert and tls.key show who the client is", async () => {
    const server = await start({
      tls: { cert: pem("server"), key: pem("server-key"), ca: pem("ca"), clientVerify: true },
    });
    const own = { ca: pem("ca"), cert: pem("client"), key: pem("client-key") };
    await client(addressOf(server), { tls: own }).predict(ask);
    await expect(client(addressOf(server), { tls: { ca: pem("ca") } }).predict(ask)).rejects.toMatchObject({
      kind: "tls",
    });
  });

  it("tls.serverName is the name that the certificate must carry", async () => {
    const server = await start({ tls: { cert: pem("server"), key: pem("server-key") } });
    await client(addressOf(server), { tls: { ca: pem("ca"), serverName: "localhost" } }).predict(ask);
    const wrong = client(addressOf(server), { tls: { ca: pem("ca"), serverName: "models.example" } });
    await expect(wrong.predict(ask)).rejects.toMatchObject({ kind: "tls" });
  });

  it("tls.minVersion is what the handshake offers at least", async () => {
    const server = await start({ tls: { cert: pem("server"), key: pem("server-key") } });
    const versions: Record<string, number> = {};
    for (const minVersion of ["TLSv1.2", "TLSv1.3"] as const) {
      const hello = deferred<Buffer>();
      const tap = createServer((socket) => {
        socket.once("data", (bytes) => {
          hello.resolve(bytes);
          socket.destroy();
        });
      });
      await new Promise<void>((resolve) => tap.listen(0, "127.0.0.1", resolve));
      keep({ close: async () => tap.close() });
      const secure = new URL(addressOf(server)).protocol;
      const port = (tap.address() as AddressInfo).port;
      const call = client(`${secure}//127.0.0.1:${port}`, { tls: { ca: pem("ca"), minVersion } }).predict(ask);
      await expect(call).rejects.toMatchObject({ code: "UNAVAILABLE" });
      // The extension supported_versions (43): a list length, then two bytes a version, newest first.
      const at = (await hello.promise).indexOf(Buffer.from([0x00, 0x2b, 0x00]));
      versions[minVersion] = (await hello.promise)[at + 4]! / 2;
    }
    expect(versions).toEqual({ "TLSv1.2": 2, "TLSv1.3": 1 });
  });

  it("maxMessageBytes bounds a request and an answer", async () => {
    const server = await start();
    const small = client(addressOf(server), { maxMessageBytes: 2_000 });
    await expect(small.predict({ model: "m", inputs: { x: new Float32Array(1_000) } })).rejects.toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      kind: "too_large",
    });
    expect(server.calls).toHaveLength(0);
    // The request is some hundred bytes, its answer has one more digit an element and white space.
    await expect(small.getModelMetadata({ model: "m" })).rejects.toMatchObject({ kind: "too_large" });
    expect(server.calls).toHaveLength(1);
    await client(addressOf(server)).getModelMetadata({ model: "m" });
  });

  it("connectTimeoutMs gives up a peer that never becomes ready", async () => {
    const address = wire === "grpc" ? `grpc://${await silentPort()}` : "https://" + (await silentPort());
    await expect(client(address, { connectTimeoutMs: 50, timeoutMs: 10_000 }).predict(ask)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      kind: "timeout",
      message: expect.stringContaining("50 ms"),
    });
  });

  it("connections is how many calls share or have one", async () => {
    const server = await start();
    const accepted: number[] = [];
    for (const connections of [1, 3]) {
      const relay = await relayTo(server);
      const several = client(relay.address, { connections });
      await Promise.all(Array.from({ length: 6 }, () => several.predict(ask)));
      accepted.push(relay.accepted);
    }
    expect(accepted).toEqual([1, 3]);
  });

  it("middleware sees tensors, may change headers and may answer by itself", async () => {
    const server = await start();
    const seen: string[] = [];
    const observing = client(addressOf(server), {
      middleware: [
        (call, next) => {
          if (call.operation === "predict") seen.push(String(call.request.inputs["x"]));
          return next({ ...call, headers: { ...call.headers, "x-traced": "yes" } });
        },
      ],
    });
    await observing.predict(ask);
    expect(seen).toEqual(["Tensor(float32 [3])"]);
    expect(server.calls[0]?.headers["x-traced"]).toBe("yes");
    const answer = { versions: [{ version: 7, state: "AVAILABLE" as const }] };
    const cached = client(addressOf(server), { middleware: [async () => answer] });
    expect(await cached.getModelStatus({ model: "m" })).toBe(answer);
    expect(server.calls).toHaveLength(1);
  });

  it("logger gets a line a call, and no value of the request", async () => {
    const server = await start();
    const lines: string[] = [];
    const write = (message: string, fields?: object) => void lines.push(`${message} ${JSON.stringify(fields)}`);
    const logged = client(addressOf(server), { logger: { debug: write, warn: write }, headers: { "x-key": "s3cret" } });
    await logged.predict({ model: "m", inputs: { x: [123456.5] } });
    await expect(logged.predict({ model: "nobody", inputs: { x: [123456.5] } })).rejects.toThrow("NOT_FOUND");
    expect(lines.some((line) => line.includes("predict"))).toBe(true);
    expect(lines.some((line) => line.includes("NOT_FOUND"))).toBe(true);
    expect(lines.join("\n")).not.toMatch(/s3cret|123456/);
  });

  if (wire === "rest") {
    it("format lays a predict out in rows", async () => {
      const server = await start();
      await client(addressOf(server), { format: "row" }).predict(ask);
      await client(addressOf(server), { format: "row" }).predict(ask, { format: "columnar" });
      expect(server.calls.map(({ request }) => request.format)).toEqual(["row", "columnar"]);
    });

    it("keepalive.timeMs is how long an idle connection stays", async () => {
      const server = await start();
      const relay = await relayTo(server);
      await client(relay.address, { keepalive: { timeMs: 20 } }).predict(ask);
      await relay.idle();
      expect(relay.accepted).toBe(1);
    });

    it("keepalive false keeps no connection", async () => {
      const relay = await relayTo(await start());
      const once = client(relay.address, { keepalive: false });
      await once.predict(ask);
      await once.predict(ask);
      expect(relay.accepted).toBe(2);
    });

    it("dispatcher is what sends", async () => {
      const server = await start();
      const pool = new Pool(addressOf(server));
      await client(addressOf(server), { dispatcher: pool }).predict(ask);
      expect(pool.stats.connected).toBe(1);
      await pool.close();
    });
  } else {
    it("keepalive.timeMs is the silence after which a ping goes out", async () => {
      const pinged = deferred<void>();
      const sessions = new Set<ServerHttp2Session>();
      const server = createHttp2Server();
      server.on("session", (session) => {
        sessions.add(session);
        session.on("ping", () => pinged.resolve());
        session.on("error", () => {});
      });
      server.on("stream", (stream) => stream.on("error", () => {}));
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      keep({
        close: async () => {
          for (const session of sessions) session.destroy();
          server.close();
        },
      });
      const controller = new AbortController();
      const pinging = client(`grpc://127.0.0.1:${(server.address() as AddressInfo).port}`, {
        keepalive: { timeMs: 30 },
      });
      const call = pinging.predict(ask, { signal: controller.signal });
      await pinged.promise;
      controller.abort();
      await expect(call).rejects.toThrow();
    });

    it("channelOptions are merged over the client's own", async () => {
      const server = await start();
      await client(addressOf(server), { channelOptions: { "grpc.primary_user_agent": "ours/9" } }).predict(ask);
      expect(server.calls[0]?.headers["user-agent"]).toMatch(/^ours\/9 /);
    });

    it("credentials stand in for tls", async () => {
      const server = await start({ tls: { cert: pem("server"), key: pem("server-key") } });
      const address = addressOf(server).replace("127.0.0.1", "localhost");
      await client(address, { credentials: credentials.createSsl(pem("ca")) }).predict(ask);
      expect(server.calls).toHaveLength(1);
    });
  }
});
