import { createServer, type RequestListener, type Server } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHealthCheck, type HealthHandler, healthHandler } from "../../src/health.ts";
import { createClient, type ServingClient } from "../../src/index.ts";
import { createTestServer, halfPlusTwo, type TestServer } from "../../src/testing.ts";

/** Only what docs/health.md shows of each: their types are not installed where the tests are checked. */
interface Express {
  use(path: string | RequestListener, handler?: RequestListener): void;
  get(path: string, answer: (request: unknown, response: { send(text: string): void }) => void): void;
  listen(port: number, host: string): Server;
}
interface Fastify {
  get(path: string, answer: (request: { raw: never }, reply: { hijack(): void; raw: never }) => unknown): void;
  listen(where: { port: number; host: string }): Promise<string>;
  close(): Promise<void>;
}
interface HonoApp {
  get(path: string, answer: (context: { req: { raw: Request } }) => Promise<Response> | Response): void;
  fetch(request: Request): Promise<Response>;
}

const folder = process.env["PEERS_FRAMEWORKS_FOLDER"];
if (!folder) throw new Error("no folder of the peer frameworks: run `npm run test:peers`");
const require = createRequire(pathToFileURL(join(folder, "package.json")));
const PATHS = ["/livez", "/startupz", "/readyz", "/healthz"];

const opened: (() => Promise<unknown>)[] = [];

async function listen(server: Server): Promise<string> {
  await new Promise<void>((done) => (server.listening ? done() : server.once("listening", done)));
  opened.push(() => new Promise((done) => server.close(done)));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Each as docs/health.md says, with a page of its own beside the probes. */
const FRAMEWORKS: Readonly<Record<string, (probes: HealthHandler) => Promise<string>>> = {
  "node:http": (probes) =>
    listen(
      createServer((request, response) => probes(request, response, () => response.end("mine"))).listen(0, "127.0.0.1"),
    ),
  Express: (probes) => {
    const app = (require("express") as () => Express)();
    app.use(probes);
    app.get("/", (_request, response) => response.send("mine"));
    return listen(app.listen(0, "127.0.0.1"));
  },
  Fastify: async (probes) => {
    const app = (require("fastify") as () => Fastify)();
    for (const path of PATHS) {
      app.get(path, (request, reply) => {
        reply.hijack();
        probes(request.raw, reply.raw);
      });
    }
    app.get("/", async () => "mine");
    opened.push(() => app.close());
    return app.listen({ port: 0, host: "127.0.0.1" });
  },
  Hono: (probes) => {
    const { Hono } = require("hono") as { Hono: new () => HonoApp };
    const { createAdaptorServer } = require("@hono/node-server") as { createAdaptorServer(app: HonoApp): Server };
    const app = new Hono();
    for (const path of PATHS) app.get(path, (context) => probes.fetch(context.req.raw));
    app.get("/", () => new Response("mine"));
    return listen(createAdaptorServer(app).listen(0, "127.0.0.1"));
  },
};

describe.each(Object.entries(FRAMEWORKS))("healthHandler in %s", (_name, open) => {
  let serving: TestServer;
  let client: ServingClient;
  let url: string;

  beforeAll(async () => {
    serving = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    client = createClient(serving.grpcAddress);
    url = await open(healthHandler(createHealthCheck(client, { model: "half_plus_two" }), { cacheMs: 0 }));
  });
  afterEach(() => serving.reset());
  afterAll(async () => {
    for (const close of opened.splice(0)) await close();
    await client.close();
    await serving.close();
  });

  it.each(PATHS)("answers %s", async (path) => {
    const answer = await fetch(url + path, { headers: { connection: "close" } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/health+json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toMatchObject({ status: "pass" });
  });

  it("says 503 once the model is gone, and leaves other paths to the service", async () => {
    serving.setVersionState("half_plus_two", 1, "END", { code: "UNKNOWN", message: "no graph" });
    const headers = { connection: "close" };
    expect((await fetch(`${url}/livez`, { headers })).status).toBe(200);
    const ready = await fetch(`${url}/readyz`, { headers });
    expect([ready.status, await ready.json()]).toMatchObject([503, { status: "fail" }]);
    expect(await (await fetch(`${url}/`, { headers })).text()).toBe("mine");
  });
});

describe("healthHandler under a prefix", () => {
  it("of Express", async () => {
    await using serving = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    await using client = createClient(serving.grpcAddress);
    const app = (require("express") as () => Express)();
    app.use("/internal", healthHandler(createHealthCheck(client, { model: "half_plus_two" })));
    const server = app.listen(0, "127.0.0.1");
    const url = await listen(server);
    const answer = await fetch(`${url}/internal/readyz`, { headers: { connection: "close" } });
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: "pass" }]);
    for (const close of opened.splice(0)) await close();
  });
});
