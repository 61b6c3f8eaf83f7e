import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import { createServer as createTlsServer, type ServerOptions } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { TlsOptions } from "../../../src/contract/tls.ts";
import { retryFactsOf } from "../../../src/errors/retry-facts.ts";
import { createRestTransport } from "../../../src/rest/transport.ts";
import { Connects } from "../../faults/lab/connects.ts";
import { unstalledMs } from "../../faults/lab/stalls.ts";
import { newContext } from "../policies/call-context.ts";
import { failure, listen, options, serve, serveRaw, target } from "./fixture.ts";

const pem = (name: string) => readFileSync(new URL(`../../fixtures/tls/${name}.pem`, import.meta.url), "utf8");
const STATUS = '{"model_version_status":[{"version":"1","state":"AVAILABLE"}]}';

const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function tlsServer(over: ServerOptions = {}): Promise<number> {
  const server = createTlsServer({ cert: pem("server"), key: pem("server-key"), ...over }, (_, response) =>
    response.end(STATUS),
  );
  server.on("tlsClientError", () => {});
  const { port, close } = await listen(server);
  cleanups.push(close);
  return port;
}

function ask(port: number, tls: TlsOptions | undefined, host = "127.0.0.1") {
  const transport = createRestTransport(
    options(port, { tls, target: target(port, { secure: true, host, endpoint: `https://${host}:${port}` }) }),
  );
  cleanups.push(() => transport.close());
  return transport.call("getModelStatus", { model: "m" }, newContext());
}

describe("TLS", () => {
  it.each(["localhost", "127.0.0.1"])("trusts the given authority for %s, as text and as bytes", async (host) => {
    const port = await tlsServer();
    expect((await ask(port, { ca: pem("ca") }, host)).versions).toHaveLength(1);
    expect((await ask(port, { ca: Buffer.from(pem("ca")) }, host)).versions).toHaveLength(1);
  });

  it("shows its own certificate where the server asks for one", async () => {
    const port = await tlsServer({ ca: pem("ca"), requestCert: true, rejectUnauthorized: true });
    const tls = { ca: pem("ca"), cert: pem("client"), key: pem("client-key") };
    expect((await ask(port, tls)).versions).toHaveLength(1);
    const error = await failure(() => ask(port, { ca: pem("ca") }));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "tls", retryable: false });
  });

  it.each<[string, ServerOptions, TlsOptions | undefined, string]>([
    ["an authority it does not know", {}, { ca: pem("other-ca") }, "certificate"],
    ["no authority", {}, undefined, "certificate"],
    [
      "a certificate that has expired",
      { cert: pem("expired"), key: pem("expired-key") },
      { ca: pem("ca") },
      "CERT_HAS_EXPIRED",
    ],
    ["another name", {}, { ca: pem("ca"), serverName: "other.invalid" }, "ERR_TLS_CERT_ALTNAME_INVALID"],
    ["a version that is too old", { maxVersion: "TLSv1.2" }, { ca: pem("ca"), minVersion: "TLSv1.3" }, "ERR_SSL_"],
  ])("fails on %s, naming the reason", async (_, server, tls, reason) => {
    const error = await failure(async () => ask(await tlsServer(server), tls));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "tls", retryable: false });
    expect(error.rawMessage).toContain(reason);
  });

  it("goes by the server name it is given", async () => {
    const port = await tlsServer();
    expect((await ask(port, { ca: pem("ca"), serverName: "localhost" })).versions).toHaveLength(1);
  });

  it("says that the peer speaks plain HTTP when it does", async () => {
    const server = await serve((_, response) => response.end(STATUS));
    cleanups.push(() => server.close());
    const error = await failure(() => ask(server.port, { ca: pem("ca") }));
    expect(error.kind).toBe("tls");
    expect(error.rawMessage).toContain("does not speak TLS on this port");
  });
});

describe("connect", () => {
  it("speaks over a unix socket", async () => {
    const folder = await mkdtemp(join(tmpdir(), "tfs-"));
    const socketPath = join(folder, "rest.sock");
    const server = createServer((_, response) => response.end(STATUS));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    const transport = createRestTransport(
      options(0, { target: target(0, { host: "", socketPath, endpoint: `http+unix://${socketPath}` }) }),
    );
    cleanups.push(
      () => rm(folder, { recursive: true }),
      () => new Promise((resolve) => server.close(() => resolve())),
      () => transport.close(),
    );
    expect((await transport.call("getModelStatus", { model: "m" }, newContext())).versions).toHaveLength(1);
  });

  it("says which socket is not there", async () => {
    const socketPath = join(tmpdir(), "tfs-no-such.sock");
    const transport = createRestTransport(
      options(0, { target: target(0, { host: "", socketPath, endpoint: `http+unix://${socketPath}` }) }),
    );
    cleanups.push(() => transport.close());
    const error = await failure(() => transport.call("getModelStatus", { model: "m" }, newContext()));
    expect(error.kind).toBe("unavailable");
    expect(error.rawMessage).toContain(`${socketPath}: there is no socket at this path`);
  });

  it("reaches an IPv6 address", async () => {
    const server = createServer((_, response) => response.end(STATUS));
    await new Promise<void>((resolve) => server.listen(0, "::1", resolve));
    const { port } = server.address() as { port: number };
    const transport = createRestTransport(options(port, { target: target(port, { host: "::1" }) }));
    cleanups.push(
      () => new Promise((resolve) => server.close(() => resolve())),
      () => transport.close(),
    );
    expect((await transport.call("getModelStatus", { model: "m" }, newContext())).versions).toHaveLength(1);
  });

  it("gives up a handshake that does not come to its end, in the time it was given", async () => {
    const server = await serveRaw(() => {});
    cleanups.push(() => server.close());
    const transport = createRestTransport(
      options(server.port, { connectTimeoutMs: 30, target: target(server.port, { secure: true }) }),
    );
    cleanups.push(() => transport.close());
    const tookMs = await unstalledMs(async () => {
      const error = await failure(() => transport.call("getModelStatus", { model: "m" }, newContext()));
      expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "timeout", retryable: true });
      expect(error.rawMessage).toContain("longer than 30 ms (connectTimeoutMs)");
    });
    // undici's own timer would need half a second or more.
    expect(tookMs).toBeLessThan(450);
  });

  it("waits for ever when it is told so, and connects", async () => {
    const server = await serve((_, response) => response.end(STATUS));
    cleanups.push(() => server.close());
    const transport = createRestTransport(
      options(server.port, {
        connectTimeoutMs: Number.POSITIVE_INFINITY,
        connections: Number.POSITIVE_INFINITY,
        keepalive: { timeMs: Number.POSITIVE_INFINITY },
      }),
    );
    cleanups.push(() => transport.close());
    expect((await transport.call("getModelStatus", { model: "m" }, newContext())).versions).toHaveLength(1);
  });

  it.each([1, 2, 8])("fails many calls with few connects where nobody listens, %i at a time", async (connections) => {
    const server = await serve((_, response) => response.end(STATUS));
    const { port } = server;
    await server.close();
    const transport = createRestTransport(options(port, { connections }));
    cleanups.push(() => transport.close());
    const ask = () => failure(() => transport.call("getModelStatus", { model: "m" }, newContext()));
    await ask();
    const connects = new Connects();
    const startedAt = performance.now();
    const errors = await Promise.all(Array.from({ length: 100 }, ask));
    connects.stop();
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(new Set(errors.map(({ kind }) => kind))).toEqual(new Set(["unavailable"]));
    expect(connects.to(port)).toBeLessThanOrEqual(2 * Math.floor(seconds) + 2);
    const last = errors.at(-1)!;
    expect(last.rawMessage).toMatch(/\(ECONNREFUSED\); the next connection is tried in \d+ ms$/);
    expect(retryFactsOf(last)).toMatchObject({ delivery: "never", retryAfterMs: expect.any(Number) });
  });
});
