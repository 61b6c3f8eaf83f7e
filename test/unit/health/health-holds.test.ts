import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createHealthCheck } from "../../../src/health.ts";
import { createClient } from "../../../src/index.ts";
import { createTestServer, halfPlusTwo } from "../../../src/testing.ts";
import { heapGrowth } from "../../faults/lab/heap-growth.ts";
import { listenTcp, type TcpServer } from "../../faults/lab/tcp-server.ts";

/** In each round of six. */
const CHECKS = 1_000;

describe.each(["grpc", "http"])("a health check over %s", (scheme) => {
  let server: TcpServer | undefined;
  afterEach(async () => {
    await server?.close();
    server = undefined;
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

  it("holds on to nothing: 6,000 checks over one connection, heap as before", async () => {
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
    // What is kept of a check, a report or an error, is larger than that.
    expect(await heapGrowth(checks)).toBeLessThan(200 * CHECKS);
    // Both ends are in this process; REST may have another connection while one is about to be free again, or to go.
    expect(sockets()).toBeLessThanOrEqual(before + 4);
    // One in 30 s, however long the checks take.
    expect((await health.check()).predictions).toBeLessThanOrEqual(20);
  }, 600_000);
});
