import { readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { PageReader } from "../../../src/health/memory/prometheus-page.ts";
import { createServerMetrics, PageMetrics } from "../../../src/health/metrics/server-metrics.ts";
import { createClient } from "../../../src/index.ts";
import { createTestServer, halfPlusTwo } from "../../../src/testing.ts";
import { FakeClock } from "./fake-serving.ts";

const PAGE = readFileSync(new URL("../../fixtures/metrics/tfserving.txt", import.meta.url), "utf8");

describe("createServerMetrics", () => {
  let server: Server;
  let page = PAGE;
  let url: string;
  const clock = new FakeClock();
  const metrics = (model?: string) => new PageMetrics(new PageReader("test", url, {}), model, 5_000, clock);

  beforeEach(async () => {
    page = PAGE;
    server = createServer((_request, response) => response.end(page));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/monitoring/prometheus/metrics`;
  });
  afterEach(() => new Promise<void>((done) => server.close(() => done())));

  it("tells requests, errors and latencies of a model since the server was started", async () => {
    const figures = await metrics("ranker").read();
    expect(figures).toMatchObject({
      seconds: undefined,
      requestsPerSecond: undefined,
      restarted: false,
      partial: false,
      requests: 1_212,
      byStatus: { OK: 1_200, INVALID_ARGUMENT: 12 },
      latency: { count: 1_200 },
      runtime: { count: 1_200 },
    });
    expect(figures.errorRatio).toBeCloseTo(12 / 1_212, 12);
    // The 600th of 1,200: the 950 in the bucket from 1.10 to 1.98 ms begin after 100.
    expect(figures.latency?.p50Ms).toBeCloseTo(1.10199 + (0.88161 * 500) / 950, 2);
  });

  it("tells queueing and batches of the whole server", async () => {
    const { queueing, batches } = await metrics("ranker").read();
    expect(queueing?.count).toBe(610);
    expect(queueing?.p99Ms).toBeGreaterThan(3);
    expect(batches).toEqual({ count: 100, meanRows: 6.4, fill: 600 / 640 });
  });

  it("adds the models up where none is named", async () => {
    expect((await metrics().read()).requests).toBe(1_615);
  });

  it("tells from one look to the next, with rates", async () => {
    const one = metrics("ranker");
    await one.read();
    clock.advance(10_000);
    page = PAGE.replace('"ranker",status="OK"} 1200', '"ranker",status="OK"} 1300');
    const figures = await one.read();
    expect(figures).toMatchObject({
      seconds: 10,
      requests: 100,
      requestsPerSecond: 10,
      errorRatio: 0,
      latency: undefined,
    });
  });

  it("sees a restart, and counts from there", async () => {
    const one = metrics("ranker");
    await one.read();
    page = ':tensorflow:serving:request_count{model_name="ranker",status="OK"} 3\n';
    expect(await one.read()).toMatchObject({ restarted: true, seconds: undefined, requests: 3, batches: undefined });
  });

  it("counts predictions for a soak", async () => {
    expect(await metrics("ranker").requestCount({ signal: AbortSignal.timeout(5_000) })).toBe(1_200);
  });

  it("rejects when there is no page", async () => {
    await expect(createServerMetrics("http://127.0.0.1:1/").read()).rejects.toThrow("ECONNREFUSED");
  });

  it.each(["grpc", "rest"] as const)("reads the page of a server that serves over %s", async (wire) => {
    await using serving = await createTestServer({
      models: { half_plus_two: halfPlusTwo },
      prometheus: true,
      batching: { maxBatchSize: 4 },
    });
    await using client = createClient(wire === "grpc" ? serving.grpcAddress : serving.restAddress, { maxRetries: 0 });
    const one = createServerMetrics(`${serving.restAddress}/monitoring/prometheus/metrics`, { model: "half_plus_two" });
    const model = client.model("half_plus_two");
    // The signature is asked for once, which REST counts as a request.
    await model.predict({ x: [1] });
    await one.read();
    for (let rows = 1; rows <= 5; rows++) {
      await model.predict({ x: Array.from({ length: rows }, () => rows) }).catch(() => {});
    }
    const figures = await one.read();
    expect(figures).toMatchObject({
      restarted: false,
      partial: false,
      requests: 5,
      byStatus: { OK: 4, INVALID_ARGUMENT: 1 },
      errorRatio: 1 / 5,
      latency: { count: 4 },
      runtime: { count: 4 },
      queueing: { count: 4 },
      batches: { count: 4, meanRows: (1 + 2 + 3 + 4) / 4, fill: 1 },
    });
    expect(figures.requestsPerSecond).toBeCloseTo(5 / (figures.seconds ?? 0), 9);
    expect(figures.runtime?.p50Ms).toBeLessThanOrEqual(figures.latency?.p99Ms ?? 0);
  });

  it("refuses options that cannot be", () => {
    expect(() => createServerMetrics("x")).toThrow("createServerMetrics: the address must be an address");
    expect(() => createServerMetrics("http://h/", { modle: "m" } as never)).toThrow('did you mean "model"?');
  });
});
