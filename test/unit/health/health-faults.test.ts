import { readFileSync } from "node:fs";
import type { Socket } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createHealthCheck, type HealthLevel } from "../../../src/health.ts";
import { createClient } from "../../../src/index.ts";
import { createTestServer, halfPlusTwo } from "../../../src/testing.ts";
import { heapGrowth } from "../../faults/lab/heap-growth.ts";
import { unstalledMs } from "../../faults/lab/stalls.ts";
import { listenTcp, type TcpServer } from "../../faults/lab/tcp-server.ts";

const TIMEOUT_MS = 200;
/** The promise is 50 ms; the rest is for a busy machine, besides the time in which it holds this process up. */
const SLACK_MS = 150;
/** In each round of six. */
const CHECKS = 2_000;
const LEVELS: readonly HealthLevel[] = ["connect", "alive", "loaded", "predicts"];

/** SETTINGS of HTTP/2, with which a server begins. */
const SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);

/** What a socket can do to a probe. */
const FAULTS: readonly (readonly [name: string, serve: (socket: Socket) => void])[] = [
  ["accepts and says nothing", () => {}],
  ["closes at once", (socket) => socket.end()],
  ["resets at once", (socket) => socket.resetAndDestroy()],
  ["resets after the first bytes", (socket) => socket.once("data", () => socket.resetAndDestroy())],
  ["says SETTINGS and nothing more", (socket) => socket.write(SETTINGS)],
  ["sends what is no protocol", (socket) => socket.write(Buffer.alloc(4_096, 0xa5))],
  ["is another service", (socket) => socket.write("220 mail ESMTP\r\n")],
  [
    "is a proxy with a page",
    (socket) =>
      socket.once("data", () =>
        socket.end("HTTP/1.1 502 Bad Gateway\r\ncontent-type: text/html\r\ncontent-length: 13\r\n\r\n<h1>502</h1>\n"),
      ),
  ],
  [
    "says 200 to anything",
    (socket) => socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")),
  ],
  [
    "redirects",
    (socket) =>
      socket.once("data", () =>
        socket.end("HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n"),
      ),
  ],
  [
    "stops in the middle",
    (socket) => socket.once("data", () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"model')),
  ],
  [
    "ends in the middle",
    (socket) => socket.once("data", () => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"model')),
  ],
  [
    "drips",
    (socket) => {
      const timer = setInterval(() => socket.write("H"), 10);
      socket.on("close", () => clearInterval(timer));
    },
  ],
  ["never reads", (socket) => socket.pause()],
  [
    "floods",
    (socket) => {
      const flood = () => {
        while (socket.writable && socket.write(Buffer.alloc(65_536, 0x20)));
      };
      socket.on("drain", flood);
      flood();
    },
  ],
];

describe.each(["grpc", "http"])("a health check over %s", (scheme) => {
  let server: TcpServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
  });

  async function worstMs(address: string, levels = LEVELS): Promise<number> {
    await using client = createClient(address);
    let worst = 0;
    for (const level of levels) {
      const health = createHealthCheck(client, { model: "m", level, timeoutMs: TIMEOUT_MS });
      const tookMs = await unstalledMs(async () => {
        const report = await health.check();
        // A connection alone may stand; nothing deeper passes.
        if (level !== "connect") expect(report, `${level}: ${report.output}`).toMatchObject({ status: "fail" });
        expect(report.output).not.toMatch(/[\n\u0000-\u001f]/);
      });
      worst = Math.max(worst, tookMs);
    }
    await client.close({ timeoutMs: 0 });
    return worst;
  }

  it.each(FAULTS)("fails in time at each level when the peer %s", async (_name, serve) => {
    server = await listenTcp(serve);
    expect(await worstMs(`${scheme}://127.0.0.1:${server.port}`)).toBeLessThan(TIMEOUT_MS + SLACK_MS);
  });

  it("fails in time when nobody listens, when the name is unknown, and when no packet comes back", async () => {
    const gone = await listenTcp(() => {});
    await gone.close();
    for (const host of [`127.0.0.1:${gone.port}`, "no-such-host.invalid:1", "192.0.2.1:8500"]) {
      await using client = createClient(`${scheme}://${host}`);
      for (const level of LEVELS) {
        const health = createHealthCheck(client, { model: "m", level, timeoutMs: TIMEOUT_MS });
        const tookMs = await unstalledMs(async () => {
          const report = await health.check();
          expect(report.status, report.output).toBe("fail");
        });
        expect(tookMs).toBeLessThan(TIMEOUT_MS + SLACK_MS);
      }
      await client.close({ timeoutMs: 0 });
    }
  });

  it("says at level connect that TLS is wrong", async () => {
    const tls = (file: string) => readFileSync(new URL(`../../fixtures/tls/${file}`, import.meta.url));
    server = await listenTcp(() => {}, { tls: { key: tls("server-key.pem"), cert: tls("server.pem") } });
    await using client = createClient(`${scheme}s://127.0.0.1:${server.port}`);
    const report = await createHealthCheck(client, { model: "m", level: "connect" }).check();
    expect(report).toMatchObject({ status: "fail" });
    expect(report.output).toContain("check the certificates");
  });

  it("passes at level connect where somebody speaks the protocol", async () => {
    await using serving = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    await using client = createClient(scheme === "grpc" ? serving.grpcAddress : serving.restAddress);
    expect((await createHealthCheck(client, { model: "none", level: "connect" }).check()).status).toBe("pass");
  });

  it("holds on to nothing: 12,000 checks over one connection, heap as before", async () => {
    await using serving = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    server = await listenTcp(() => {});
    await using client = createClient(scheme === "grpc" ? serving.grpcAddress : serving.restAddress);
    const health = createHealthCheck(client, { model: "half_plus_two" });
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name.startsWith("TCPSocket")).length;
    const checks = async () => {
      for (let i = 0; i < CHECKS; i++) {
        await health.check();
        if (i % 500 === 0) serving.reset();
      }
      // The test server is in the same heap: what it keeps is taken away.
      serving.reset();
    };
    await health.check();
    const before = sockets();
    expect(await heapGrowth(checks)).toBeLessThan(100 * CHECKS);
    // Both ends are in this process; REST may take a second connection while the first is about to be free again.
    expect(sockets()).toBeLessThanOrEqual(before + 2);
    expect((await health.check()).predictions).toBeLessThanOrEqual(2);
  }, 300_000);
});
