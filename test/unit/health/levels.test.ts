import { describe, expect, it } from "vitest";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { createHealthCheck, ModelHealthCheck } from "../../../src/health/health-check.ts";
import { type HealthCheckOptions, readHealthOptions } from "../../../src/health/health-options.ts";
import { FakeClock, FakeServing, never, settle } from "./fake-serving.ts";

function setUp(options: Partial<HealthCheckOptions> = {}, bytesAfter: (predictions: number) => number = () => 1e9) {
  const serving = new FakeServing();
  const clock = new FakeClock();
  const memory = () => ({ bytes: bytesAfter(serving.count("predict")), limitBytes: 32e9 });
  const all = { model: "m", ...(options.level === "stable" ? { memory } : {}), ...options } as HealthCheckOptions;
  return {
    serving,
    clock,
    health: new ModelHealthCheck(serving.client, readHealthOptions(serving.client, all), clock),
  };
}

describe("createHealthCheck at level connect", () => {
  it("passes when the client can connect, and asks for no model", async () => {
    const { health, serving } = setUp({ level: "connect" });
    expect(await health.check()).toMatchObject({
      status: "pass",
      output: "fake://m can be reached",
      checks: { connect: { observedUnit: "ms" } },
    });
    expect(serving.asked).toEqual([{ operation: "connect", request: undefined }]);
  });

  it("fails with what to do about TLS, and about nobody being there", async () => {
    const { health, serving } = setUp({ level: "connect" });
    serving.connect = () =>
      Promise.reject(new ServingError("self-signed certificate", { code: "UNAVAILABLE", kind: "tls" }));
    expect((await health.check()).output).toBe(
      "cannot connect to fake://m: [UNAVAILABLE] self-signed certificate; check the certificates, the server name, and that this port speaks TLS",
    );
  });

  it("fails at its timeout", async () => {
    const { health, serving, clock } = setUp({ level: "connect", timeoutMs: 200 });
    serving.connect = never;
    const report = health.check();
    await settle();
    clock.advance(200);
    expect(await report).toMatchObject({ status: "fail", checks: { connect: { observedValue: 200 } } });
  });
});

describe("createHealthCheck at level stable", () => {
  it("passes when memory has settled", async () => {
    const { health } = setUp({ level: "stable" });
    const report = await health.check();
    expect(report).toMatchObject({ status: "pass", level: "stable", predictions: 101, synthetic: true });
    expect(report.output).toMatch(/^model "m" is stable over 100 predictions/);
    expect(Object.keys(report.checks)).toEqual(["alive", "loaded", "predicts", "outputs", "finite", "stable"]);
  });

  it("fails on a leak and on a fuse, with bytes a prediction", async () => {
    const { health } = setUp({ level: "stable", fuseBytes: 1e12 }, (n) => 8e9 + 50e6 * n);
    const leak = await health.check();
    expect(leak).toMatchObject({
      status: "fail",
      checks: { stable: { observedValue: 50e6, observedUnit: "B/prediction" } },
    });
    const fused = await setUp({ level: "stable" }, (n) => 8e9 + 50e6 * n).health.check();
    expect(fused).toMatchObject({ status: "fail", predictions: 21 });
    expect(fused.output).toContain("is suspected of a leak");
  });

  it("is inconclusive, never a pass, when memory cannot be read or too little was sent", async () => {
    const blind = setUp({ level: "stable", memory: () => Promise.reject(new Error("gone")) });
    expect(await blind.health.check()).toMatchObject({ status: "inconclusive", predictions: 1 });
    expect((await setUp({ level: "stable", predictions: 20 }).health.check()).status).toBe("inconclusive");
  });

  it("soaks nothing that does not predict", async () => {
    const { health, serving } = setUp({ level: "stable" });
    serving.predict = () => Promise.reject(new Error("broken"));
    const report = await health.check();
    expect(report.status).toBe("fail");
    expect(report.checks).not.toHaveProperty("stable");
    expect(serving.count("predict")).toBe(1);
  });

  it("ends at its timeout, inconclusive", async () => {
    const { health, serving, clock } = setUp({ level: "stable", timeoutMs: 10_000 });
    let sent = 0;
    const well = serving.predict;
    serving.predict = (inputs, options) => (++sent > 5 ? never() : well(inputs, options));
    const report = health.check();
    await settle();
    for (let second = 0; second < 10; second++) {
      clock.advance(1_000);
      await settle();
    }
    expect(await report).toMatchObject({ status: "inconclusive" });
    expect(clock.timers).toBe(0);
  });

  it("needs a memory source, and the lower levels take none", () => {
    const { client } = new FakeServing();
    expect(() => createHealthCheck(client, { model: "m", level: "stable" })).toThrow(
      "createHealthCheck: memory must be a memory source or a function, got undefined",
    );
    expect(() => createHealthCheck(client, { model: "m", memory: () => 1 })).toThrow(
      'createHealthCheck: memory has an effect only at level "stable", the level is "predicts"',
    );
  });
});

describe("check", () => {
  it("looks less deep where asked", async () => {
    const { health, serving } = setUp();
    expect(await health.check({ level: "alive" })).toMatchObject({ level: "alive", status: "pass", predictions: 0 });
    expect(await health.check({ level: "loaded" })).toMatchObject({ level: "loaded", predictions: 0 });
    expect(serving.count("predict")).toBe(0);
  });

  it("is refused a level that it was not made for", async () => {
    const { health } = setUp({ level: "loaded" });
    await expect(health.check({ level: "predicts" })).rejects.toThrow(
      'check: level "predicts" is deeper than "loaded"',
    );
  });

  it("shares the prediction between levels", async () => {
    const { health, serving } = setUp({ level: "stable", predictions: 10 });
    await Promise.all([health.check({ level: "predicts" }), health.check()]);
    expect(serving.count("predict")).toBe(11);
  });

  it("is never retried, and waits for no batch", async () => {
    const { health, serving } = setUp();
    const retries: unknown[] = [];
    serving.predict = async (_inputs, options) => {
      retries.push(options?.maxRetries);
      throw new Error("no");
    };
    await health.check();
    expect(retries).toEqual([0]);
    expect(serving.asked.find(({ operation }) => operation === "model")?.request).toMatchObject({
      maxRetries: 0,
      batching: false,
    });
  });
});

describe("createHealthCheck with checks", () => {
  it("is as well as the worst of them, and names each", async () => {
    const serving = new FakeServing();
    const health = createHealthCheck(serving.client, {
      checks: { first: { model: "a", level: "alive" }, second: { model: "b" } },
    });
    expect(health).toMatchObject({ model: "a, b", level: "predicts" });
    const well = await health.check();
    expect(well).toMatchObject({ status: "pass", output: "2 of 2 checks pass", predictions: 1, synthetic: true });
    expect(Object.keys(well.checks)).toEqual([
      "first:alive",
      "second:alive",
      "second:loaded",
      "second:predicts",
      "second:outputs",
      "second:finite",
    ]);
    serving.status = async () => [{ version: 1, state: "UNLOADING" }];
    expect(await health.check()).toMatchObject({ status: "fail", checks: { "second:loaded": { status: "fail" } } });
  });

  it("looks less deep in all of them", async () => {
    const serving = new FakeServing();
    const health = createHealthCheck(serving.client, {
      checks: { a: { model: "a" }, b: { model: "b", level: "alive" } },
    });
    expect(Object.keys((await health.check({ level: "loaded" })).checks)).toEqual(["a:alive", "a:loaded", "b:alive"]);
    await expect(health.check({ level: "stable" })).rejects.toThrow("deeper");
  });

  it.each<[object, string]>([
    [{ checks: {} }, "checks must be an object of options by name, one at least, got an object"],
    [{ checks: { a: { model: "m" } }, model: "m" }, 'no option is called "model"'],
    [{ checks: { a: { modle: "m" } } }, "model must be the name of a model, got undefined"],
  ])("refuses %o", (options, message) => {
    expect(() => createHealthCheck(new FakeServing().client, options as never)).toThrow(message);
  });
});
