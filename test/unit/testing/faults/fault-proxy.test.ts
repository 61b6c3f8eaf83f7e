import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { createClient } from "../../../../src/assembly/create-client.ts";
import { createFaultProxy, type FaultProxy } from "../../../../src/testing/faults/fault-proxy.ts";
import { halfPlusTwo } from "../../../../src/testing/models/half-plus-two.ts";
import { createTestServer } from "../../../../src/testing/test-server.ts";

/** A server that sends back what it gets, behind a proxy. */
async function echoing(seed?: number): Promise<FaultProxy> {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy = await createFaultProxy(`tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, {
    ...(seed === undefined ? {} : { seed }),
  });
  onTestFinished(async () => {
    await proxy.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return proxy;
}

interface Exchange {
  /** Each piece as it came. */
  readonly chunks: readonly Buffer[];
  readonly received: number;
  readonly ended: "end" | "reset" | "open";
  readonly durationMs: number;
}

/** Sends bytes through the proxy and takes what comes back: all of it, or what there is when the connection ends. */
function exchange({ address }: FaultProxy, bytes: Buffer, giveUpMs?: number): Promise<Exchange> {
  return new Promise((resolve) => {
    const startedAt = performance.now();
    const chunks: Buffer[] = [];
    let received = 0;
    const socket = connect(Number(new URL(address).port), "127.0.0.1");
    const done = (ended: Exchange["ended"]) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({ chunks, received, ended, durationMs: performance.now() - startedAt });
    };
    const timer = giveUpMs === undefined ? undefined : setTimeout(() => done("open"), giveUpMs);
    socket.setNoDelay(true);
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk);
      received += chunk.length;
      if (received === bytes.length) socket.end();
    });
    socket.on("end", () => done("end"));
    socket.on("error", () => done("reset"));
    socket.write(bytes);
  });
}

const KILOBYTE = Buffer.alloc(1_000, 7);

describe("createFaultProxy", () => {
  it("passes everything on as it is, ends included", async () => {
    const proxy = await echoing();
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
    const { chunks, ended } = await exchange(proxy, bytes);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
    expect(ended).toBe("end");
    expect(proxy.accepted).toBe(1);
  });

  it("refuses an address that it cannot read", async () => {
    await expect(createFaultProxy("127.0.0.1:80")).rejects.toThrow(
      'createFaultProxy: the address must be scheme://host:port, got "127.0.0.1:80"',
    );
  });

  it("is late by the latency, both ways if asked for", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "latency", latencyMs: 40 });
    proxy.add({ toxic: "latency", latencyMs: 30, direction: "upstream" });
    expect((await exchange(proxy, KILOBYTE)).durationMs).toBeGreaterThan(68);
  });

  it("draws jitter from the seed", async () => {
    const proxy = await echoing(7);
    proxy.add({ toxic: "latency", latencyMs: 40, jitterMs: 40 });
    const tookMs: number[] = [];
    for (let n = 0; n < 5; n++) {
      const { durationMs, received } = await exchange(proxy, KILOBYTE);
      expect(received).toBe(1_000);
      tookMs.push(durationMs);
    }
    // The machine may add to some of them.
    expect(Math.min(...tookMs)).toBeLessThan(80 + 100);
  });

  it("lets through so many bytes a second", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "bandwidth", bytesPerSecond: 10_000 });
    const { durationMs, received } = await exchange(proxy, KILOBYTE);
    expect(received).toBe(1_000);
    expect(durationMs).toBeGreaterThan(98);
  });

  it("swallows everything while it is a black hole, and closes then if asked for", async () => {
    const proxy = await echoing();
    const hole = proxy.add({ toxic: "blackHole" });
    expect(await exchange(proxy, KILOBYTE, 50)).toMatchObject({ received: 0, ended: "open" });
    hole.remove();
    expect((await exchange(proxy, KILOBYTE)).received).toBe(1_000);
    proxy.add({ toxic: "blackHole", closeAfterMs: 20 });
    expect(await exchange(proxy, KILOBYTE)).toMatchObject({ received: 0, ended: "end" });
  });

  it("resets connections, at once or after a while", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "resetPeer" });
    expect(await exchange(proxy, KILOBYTE)).toMatchObject({ ended: "reset" });
    proxy.clear();
    proxy.add({ toxic: "resetPeer", afterMs: 30 });
    proxy.add({ toxic: "blackHole" });
    const late = await exchange(proxy, KILOBYTE);
    expect(late.ended).toBe("reset");
    expect(late.durationMs).toBeGreaterThan(28);
  });

  it("slices what comes through", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "slicer", averageBytes: 100, variationBytes: 50, delayMs: 1 });
    const { chunks, received } = await exchange(proxy, KILOBYTE);
    expect(received).toBe(1_000);
    expect(chunks.length).toBeGreaterThan(3);
  });

  it("ends the connection after so many bytes", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "limitData", bytes: 300 });
    expect(await exchange(proxy, KILOBYTE)).toMatchObject({ received: 300, ended: "end" });
  });

  it("holds back the end of a connection", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "slowClose", delayMs: 60 });
    const { durationMs, ended } = await exchange(proxy, KILOBYTE);
    expect(ended).toBe("end");
    expect(durationMs).toBeGreaterThan(58);
  });

  it("meets the share of connections that toxicity says, the same ones for the same seed", async () => {
    const results: string[] = [];
    for (let run = 0; run < 2; run++) {
      const proxy = await echoing(42);
      proxy.add({ toxic: "limitData", bytes: 1, toxicity: 0.5 });
      let met = "";
      for (let n = 0; n < 20; n++) met += (await exchange(proxy, KILOBYTE)).received === 1 ? "x" : "-";
      results.push(met);
    }
    expect(results[0]).toBe(results[1]);
    expect(results[0]).toMatch(/x/);
    expect(results[0]).toMatch(/-/);
  });

  it("refuses connections while it is down, and has its port again when it is up", async () => {
    const proxy = await echoing();
    const { address } = proxy;
    await proxy.down();
    expect((await exchange(proxy, KILOBYTE)).ended).toBe("reset");
    await proxy.up();
    expect(proxy.address).toBe(address);
    expect((await exchange(proxy, KILOBYTE)).received).toBe(1_000);
  });

  it("cuts what is open, and takes new connections", async () => {
    const proxy = await echoing();
    proxy.add({ toxic: "blackHole" });
    const lost = exchange(proxy, KILOBYTE);
    while (proxy.open === 0) await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    expect((await lost).ended).toBe("reset");
    proxy.clear();
    expect((await exchange(proxy, KILOBYTE)).received).toBe(1_000);
  });

  it("stands in front of both wires of a test server", async () => {
    await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    for (const upstream of [server.grpcAddress, server.restAddress]) {
      await using proxy = await createFaultProxy(upstream);
      await using client = createClient(proxy.address, { timeoutMs: 5_000 });
      const { outputs } = await client.predict({ model: "half_plus_two", inputs: { x: [1] } });
      expect([...Object.values(outputs)[0]!.data]).toEqual([2.5]);
      proxy.add({ toxic: "blackHole" });
      const lost = client.predict({ model: "half_plus_two", inputs: { x: [1] } }, { timeoutMs: 100 });
      await expect(lost).rejects.toMatchObject({ kind: "timeout" });
    }
  });
});
