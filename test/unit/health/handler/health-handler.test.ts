import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { healthHandler, Probes } from "../../../../src/health/handler/health-handler.ts";
import { ModelHealthCheck } from "../../../../src/health/health-check.ts";
import { type HealthCheckOptions, readHealthOptions } from "../../../../src/health/health-options.ts";
import { FakeClock, FakeServing, never, settle } from "../fake-serving.ts";

function setUp(options: Partial<HealthCheckOptions> = {}) {
  const serving = new FakeServing();
  const clock = new FakeClock();
  const settings = readHealthOptions(serving.client, { model: "m", ...options } as HealthCheckOptions);
  const health = new ModelHealthCheck(serving.client, settings, clock);
  const probes = new Probes(
    health,
    { liveness: "server", cacheMs: 1_000, answerWithinMs: 900, staleMs: 60_000 },
    clock,
    () => 0.5,
  );
  return { serving, clock, health, probes };
}

const LIVE = { level: "alive", details: false } as const;
const READY = { level: "predicts", details: false } as const;

describe("healthHandler over node:http", () => {
  const servers: Server[] = [];
  afterEach(async () => {
    for (const server of servers.splice(0)) await new Promise((done) => server.close(done));
  });

  async function listen(...given: Parameters<typeof healthHandler>): Promise<string> {
    const server = createServer(healthHandler(...given));
    servers.push(server);
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  it.each([
    ["/livez", "alive", 0],
    ["/startupz", "loaded", 0],
    ["/readyz", "predicts", 1],
    ["/healthz?verbose", "predicts", 1],
  ])("answers %s at level %s with %d predictions", async (path, level, predictions) => {
    const { health, serving } = setUp();
    const answer = await fetch(`${await listen(health)}${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/health+json; charset=utf-8");
    expect(answer.headers.get("cache-control")).toBe("no-store");
    expect(await answer.json()).toMatchObject({ status: "pass", verdict: "pass", level });
    expect(serving.count("predict")).toBe(predictions);
  });

  it("has all that was found on /healthz alone, as lists by model and check", async () => {
    const { health } = setUp();
    const url = await listen(health);
    const { checks } = (await (await fetch(`${url}/healthz`)).json()) as { checks: Record<string, object[]> };
    expect(Object.keys(checks)).toEqual(["m:alive", "m:loaded", "m:predicts", "m:outputs", "m:finite"]);
    expect(checks["m:predicts"]?.[0]).toMatchObject({ status: "pass", observedUnit: "ms", componentType: "component" });
    expect(await (await fetch(`${url}/readyz`)).json()).not.toHaveProperty("checks");
  });

  it("says 503 for fail and for inconclusive, which health+json calls fail", async () => {
    const { health, serving } = setUp();
    const url = await listen(health, { cacheMs: 0 });
    serving.status = async () => [{ version: 1, state: "LOADING" }];
    const failed = await fetch(`${url}/readyz`);
    expect([failed.status, await failed.json()]).toMatchObject([503, { status: "fail", verdict: "fail" }]);
    const unknown = setUp();
    unknown.serving.signature = async () => ({
      methodName: "",
      outputs: {},
      inputs: { x: { dtype: "DT_RESOURCE", shape: [1], tensorName: "x" } },
    });
    const open = await fetch(`${await listen(unknown.health)}/readyz`);
    expect([open.status, await open.json()]).toMatchObject([503, { status: "fail", verdict: "inconclusive" }]);
  });

  it("passes with a warning", async () => {
    const { health, serving } = setUp();
    serving.status = async () => [
      { version: 2, state: "END", error: { code: "UNKNOWN", message: "no graph" } },
      { version: 1, state: "AVAILABLE" },
    ];
    const answer = await fetch(`${await listen(health)}/readyz`);
    expect([answer.status, await answer.json()]).toMatchObject([200, { status: "warn" }]);
  });

  it("is a process's liveness where asked, whatever the server does", async () => {
    const { health, serving } = setUp();
    serving.status = () => Promise.reject(new Error("down"));
    const url = await listen(health, { liveness: "process", prefix: "/probes" });
    expect((await fetch(`${url}/probes/livez`)).status).toBe(200);
    expect((await fetch(`${url}/probes/readyz`)).status).toBe(503);
    expect((await fetch(`${url}/livez`)).status).toBe(404);
  });

  it("answers HEAD without a body and no other method", async () => {
    const url = await listen(setUp().health);
    const head = await fetch(`${url}/livez`, { method: "HEAD" });
    expect([head.status, await head.text()]).toEqual([200, ""]);
    const post = await fetch(`${url}/livez`, { method: "POST" });
    expect([post.status, post.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });

  it("goes no deeper than its check, and never soaks", async () => {
    const alive = setUp({ level: "alive" });
    expect(await (await fetch(`${await listen(alive.health)}/readyz`)).json()).toMatchObject({ level: "alive" });
    const stable = setUp({ level: "stable", memory: () => 1e9 });
    expect(await (await fetch(`${await listen(stable.health)}/healthz`)).json()).toMatchObject({ level: "predicts" });
    expect(stable.serving.count("predict")).toBe(1);
  });
});

describe("healthHandler in frameworks", () => {
  it("leaves other paths to the next one", () => {
    let passed = 0;
    healthHandler(setUp().health)({ url: "/users", method: "GET" } as never, {} as never, () => passed++);
    expect(passed).toBe(1);
  });

  it("speaks the web's types", async () => {
    const handler = healthHandler(setUp().health);
    const answer = await handler.fetch(new Request("http://h/readyz"));
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      "application/health+json; charset=utf-8",
    ]);
    expect(await answer.json()).toMatchObject({ status: "pass" });
    expect((await handler.fetch(new Request("http://h/other"))).status).toBe(404);
    expect((await handler.fetch(new Request("http://h/livez", { method: "PUT" }))).status).toBe(405);
    expect(await (await handler.fetch(new Request("http://h/livez", { method: "HEAD" }))).text()).toBe("");
  });

  it("gives status, headers and body to any other", async () => {
    const handler = healthHandler(setUp().health);
    expect(await handler.answer("/livez")).toMatchObject({
      status: 200,
      body: expect.stringContaining('"level":"alive"'),
    });
    expect(await handler.answer("/__proto__")).toBeUndefined();
    expect(await handler.answer("/other")).toBeUndefined();
  });

  it.each<[unknown, object, string]>([
    [{}, {}, "the first argument must be made by createHealthCheck(), got an object"],
    [setUp().health, { prefix: "x" }, 'prefix must be a path such as "/internal", got "x"'],
    [setUp().health, { liveness: "both" }, 'liveness must be "server" or "process", got "both"'],
    [setUp().health, { cache: 1 }, 'no option is called "cache"; did you mean "cacheMs"?'],
    [setUp().health, { answerWithinMs: 0 }, "answerWithinMs must be milliseconds from 1, got 0"],
  ])("refuses %#", (health, options, message) => {
    expect(() => healthHandler(health as never, options)).toThrow(new TypeError(`healthHandler: ${message}`));
  });
});

describe("Probes", () => {
  it("send one prediction for a hundred at a time, and one status request a second", async () => {
    const { probes, serving, clock } = setUp();
    await Promise.all(Array.from({ length: 100 }, () => probes.answer(READY)));
    for (let i = 0; i < 10; i++) {
      clock.advance(100);
      await probes.answer(READY);
    }
    expect(serving.count("predict")).toBe(1);
    expect(serving.count("status")).toBe(2);
  });

  it("say how old a report is that they use again", async () => {
    const { probes, clock } = setUp();
    await probes.answer(LIVE);
    clock.advance(700);
    expect(JSON.parse((await probes.answer(LIVE)).body)).toMatchObject({ ageMs: 700 });
  });

  it("do not look in step with other replicas", async () => {
    const { health, clock, serving } = setUp({ level: "alive" });
    const early = new Probes(
      health,
      { liveness: "server", cacheMs: 1_000, answerWithinMs: 900, staleMs: 0 },
      clock,
      () => 0,
    );
    await early.answer(LIVE);
    clock.advance(801);
    await early.answer(LIVE);
    expect(serving.count("status")).toBe(2);
  });

  it("answer in time with the last report while a server hangs, then with none", async () => {
    const { probes, clock, serving } = setUp({ timeoutMs: 5_000 });
    expect((await probes.answer(READY)).status).toBe(200);
    serving.status = never;
    clock.advance(2_000);
    const hanging = probes.answer(READY);
    await settle();
    clock.advance(900);
    expect(await hanging).toMatchObject({ status: 200 });
    expect(JSON.parse((await hanging).body).ageMs).toBe(2_900);
    clock.advance(5_000);
    await settle();
    expect((await probes.answer(READY)).status).toBe(503);
  });

  it("answer 503 in time when there was no report yet", async () => {
    const { probes, clock, serving } = setUp();
    serving.status = never;
    const first = probes.answer(READY);
    await settle();
    clock.advance(900);
    expect(await first).toMatchObject({ status: 503 });
    expect((await first).body).toContain("the check is not done after 900 ms");
  });

  it("leave no timer behind", async () => {
    const { probes, clock } = setUp();
    await probes.answer(READY);
    expect(clock.timers).toBe(0);
  });

  it("survive a check that rejects", async () => {
    const clock = new FakeClock();
    const broken = { model: "m", level: "alive" as const, check: () => Promise.reject(new Error("mine")) };
    const probes = new Probes(broken, { liveness: "server", cacheMs: 0, answerWithinMs: 900, staleMs: 0 }, clock);
    expect((await probes.answer(LIVE)).status).toBe(503);
  });
});
