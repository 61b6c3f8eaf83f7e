import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { fetchDispatcher } from "../../../src/testing/fetch-dispatcher.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";

const models = { half_plus_two: halfPlusTwo };
const baseUrl = "http://serving.test:8501/gateway/";
const url = (target: string) => `http://serving.test:8501/gateway${target}`;
const post = (target: string, body: string) => fetch(url(target), { method: "POST", body });

const VERSIONS = {
  "msw 2": { core: () => import("msw"), node: () => import("msw/node") },
  "msw 3": { core: () => import("msw3"), node: () => import("msw3/node") },
} as const;

/** msw 3 itself needs Node 22.12. */
const runnable =
  Number.parseInt(process.versions.node, 10) >= 22 ? (["msw 2", "msw 3"] as const) : (["msw 2"] as const);

describe.each(runnable)("tfServingHandlers with %s", (version) => {
  let network: { listen(): void; close(): void };
  let server: { inject(fault: object): unknown; reset(): Promise<void>; readonly calls: readonly unknown[] };

  beforeAll(async () => {
    vi.resetModules();
    vi.doMock("msw", VERSIONS[version].core);
    const { tfServingHandlers } = await import("../../../src/testing/msw-handlers.ts");
    const { setupServer } = await VERSIONS[version].node();
    const handlers = tfServingHandlers({ baseUrl, models });
    server = handlers.server;
    network = (setupServer as (...all: unknown[]) => typeof network)(...handlers);
    network.listen();
  });

  afterEach(() => server.reset());

  afterAll(() => {
    network.close();
    vi.doUnmock("msw");
  });

  it("answers as the test server does", async () => {
    const reply = await post("/v1/models/half_plus_two:predict", '{"instances":[1,2,5]}');
    expect(reply.status).toBe(200);
    expect(reply.headers.get("content-type")).toBe("application/json");
    expect(await reply.text()).toBe('{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}');
    expect(server.calls).toHaveLength(1);
  });

  it("answers a REST client that asks through fetch", async () => {
    const client = createClient(baseUrl, { dispatcher: fetchDispatcher(), maxRetries: 0 });
    const model = client.model("half_plus_two");
    expect((await model.predict({ x: [1, 2, 5] })).outputs["y"]?.toNested()).toEqual([2.5, 3, 4.5]);
    expect((await model.predict({ x: [1, 2] }, { compression: "gzip", format: "row" })).outputs["y"]?.size).toBe(2);
    expect(await model.status()).toEqual({ versions: [{ version: 1, state: "AVAILABLE" }] });
    expect(await model.waitUntilReady()).toMatchObject({ version: 1 });
    const missing = client.predict({ model: "none", inputs: { x: [1] } });
    await expect(missing).rejects.toMatchObject({ code: "NOT_FOUND", kind: "not_found" });
    server.inject({ reset: true, times: 1 });
    await expect(model.predict({ x: [1] })).rejects.toBeInstanceOf(ServingError);
    server.inject({ hang: true, times: 1 });
    await expect(model.predict({ x: [1] }, { timeoutMs: 50 })).rejects.toMatchObject({ kind: "timeout" });
    await client.close();
  });

  it("matches the query as part of the path", async () => {
    const reply = await fetch(url("/v1/models/half_plus_two?x=1"));
    expect([reply.status, await reply.json()]).toEqual([
      404,
      { error: "Could not find any versions of model half_plus_two?x=1" },
    ]);
  });

  it("answers errors, and what is not the API at all", async () => {
    expect((await post("/v1/models/none:predict", "{}")).status).toBe(404);
    expect((await fetch(url("/nothing"))).status).toBe(404);
  });

  it("resets the connection for a fault that says so", async () => {
    server.inject({ reset: true });
    await expect(fetch(url("/v1/models/half_plus_two"))).rejects.toThrow(TypeError);
  });

  it("cuts a body short", async () => {
    server.inject({ status: 200, body: "0123456789", cutAfterBytes: 4 });
    const whole = fetch(url("/v1/models/half_plus_two")).then((reply) => reply.text());
    await expect(whole).rejects.toThrow(TypeError);
  });

  it("leaves a hang to the client's own patience", async () => {
    server.inject({ hang: true });
    await expect(fetch(url("/v1/models/half_plus_two"), { signal: AbortSignal.timeout(20) })).rejects.toThrow();
  });
});
