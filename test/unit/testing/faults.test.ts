import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { errorOf, failure, floats, openRawGrpc, type RawGrpc, send } from "./raw-calls.ts";

const CANCELLED = 1;
const DEADLINE_EXCEEDED = 4;
const UNAVAILABLE = 14;

let server: TestServer;
let grpc: RawGrpc;

beforeAll(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo, other: halfPlusTwo } });
  grpc = openRawGrpc(server.grpcAddress);
});

afterEach(() => server.reset());

afterAll(async () => {
  grpc.close();
  await server.close();
});

const overGrpc = (model = "half_plus_two", timeoutMs?: number) =>
  grpc.call(
    "predict",
    { modelSpec: { name: model }, inputs: new Map([["x", floats(1)]]) },
    timeoutMs === undefined ? {} : { timeoutMs },
  );
const overRest = (model = "half_plus_two") =>
  send(server.restAddress, "POST", `/v1/models/${model}:predict`, { body: '{"inputs":[1]}' });

describe("inject", () => {
  it("answers a status on both wires", async () => {
    server.inject({ code: "UNAVAILABLE", message: "queue full" });
    expect(await failure(overGrpc())).toEqual({ code: UNAVAILABLE, details: "queue full" });
    const reply = await overRest();
    expect([reply.status, errorOf(reply)]).toEqual([503, "queue full"]);
    expect(server.calls.map(({ code }) => code)).toEqual(["UNAVAILABLE", "UNAVAILABLE"]);
  });

  it("strikes as often as told, then lets calls pass", async () => {
    const fault = server.inject({ code: "ABORTED", times: 2 });
    expect((await overRest()).status).toBe(409);
    expect((await overRest()).status).toBe(409);
    expect((await overRest()).status).toBe(200);
    expect(fault.strikes).toBe(2);
  });

  it.each([
    ["wire", { wire: "grpc" as const }],
    ["model", { model: "other" }],
    ["operation", { operation: "classify" as const }],
  ])("leaves alone what differs in its %s", async (_, target) => {
    const fault = server.inject({ ...target, code: "INTERNAL" });
    expect((await overRest()).status).toBe(200);
    expect(fault.strikes).toBe(0);
  });

  it("can be taken back", async () => {
    const fault = server.inject({ code: "INTERNAL" });
    fault.remove();
    expect((await overRest()).status).toBe(200);
  });

  it("strikes with the first of several that match", async () => {
    server.inject({ code: "NOT_FOUND", times: 1 });
    server.inject({ code: "INTERNAL", times: 1 });
    expect((await overRest()).status).toBe(404);
    expect((await overRest()).status).toBe(500);
  });

  it("resets connections, and serves the next ones", async () => {
    server.inject({ reset: true, times: 2 });
    expect((await failure(overGrpc())).code).toBe(UNAVAILABLE);
    await expect(overRest()).rejects.toMatchObject({ code: "ECONNRESET" });
    expect((await overGrpc()).outputs.size).toBe(1);
    expect((await overRest()).status).toBe(200);
    expect(server.calls.map(({ code }) => code)).toEqual([undefined, undefined, "OK", "OK"]);
  });

  it("delays, and then lets the call go its way", async () => {
    server.inject({ delayMs: 20, times: 2 });
    const startedAt = performance.now();
    await Promise.all([overGrpc(), overRest()]);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(19);
  });

  it("hangs until the client gives up", async () => {
    server.inject({ hang: true });
    expect((await failure(overGrpc("half_plus_two", 20))).code).toBe(DEADLINE_EXCEEDED);
    expect(server.calls[0]?.code).toBeUndefined();
  });

  it("hangs until the server is closed", async () => {
    const closing = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    closing.inject({ hang: true });
    const raw = openRawGrpc(closing.grpcAddress);
    const call = failure(raw.call("status", { modelSpec: { name: "half_plus_two" } }));
    // The second call on the connection is answered by nothing either; its arrival says the first is there.
    await raw.call("status", {}, { timeoutMs: 20 }).catch(() => {});
    await closing.close();
    expect([CANCELLED, UNAVAILABLE]).toContain((await call).code);
    raw.close();
  });

  it("answers REST as a proxy would, and leaves gRPC alone", async () => {
    server.inject({ status: 502, body: "<html>bad gateway</html>", headers: { "content-type": "text/html" } });
    expect((await overGrpc()).outputs.size).toBe(1);
    expect(await overRest()).toMatchObject({
      status: 502,
      headers: { "content-type": "text/html", "content-length": "24" },
      body: "<html>bad gateway</html>",
    });
  });

  it("cuts a REST body short", async () => {
    server.inject({ status: 200, body: '{"outputs": [1, 2, 3]}', cutAfterBytes: 10 });
    await expect(overRest()).rejects.toMatchObject({ code: "ECONNRESET" });
  });
});
