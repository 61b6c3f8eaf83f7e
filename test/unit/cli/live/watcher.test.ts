import { describe, expect, it } from "vitest";
import { type WatchClock, Watcher, type WatchParts } from "../../../../src/cli/live/watcher.ts";
import type { HealthReport, LeakGuardReport } from "../../../../src/health.ts";
import { FIGURES, guardReport, RUNS_AWAY } from "./samples.ts";

function healthReport(status: HealthReport["status"], latencyMs = 12): HealthReport {
  const time = "2026-01-01T00:00:00.000Z";
  const check = { status, output: `it says ${status}`, time, observedValue: latencyMs, observedUnit: "ms" };
  return {
    status,
    level: "predicts",
    checks: { predicts: check },
    output: check.output,
    time,
    ageMs: 0,
    predictions: 1,
  };
}

/** A watch whose waits never end by themselves, and whose time passes by hand. */
function setUp(changes: Partial<WatchParts> = {}) {
  let now = 5_000;
  const clock: WatchClock = {
    now: () => now,
    date: () => new Date(Date.UTC(2026, 0, 1) + now),
    wait: (_ms, signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
  };
  const counts = { status: 0, probes: 0, pages: 0 };
  const world: { guard: LeakGuardReport; probe: () => Promise<HealthReport> } = {
    guard: guardReport(),
    probe: async () => healthReport("pass"),
  };
  const parts: WatchParts = {
    model: "ranker",
    endpoint: "fake://ranker",
    status: async () => {
      counts.status++;
      return [{ version: 1, state: "AVAILABLE" }];
    },
    probe: () => {
      counts.probes++;
      return world.probe();
    },
    probeEveryMs: 30_000,
    guard: { sample: async () => world.guard },
    metrics: {
      read: async () => {
        counts.pages++;
        return FIGURES;
      },
    },
    metricsEveryMs: 5_000,
    ...changes,
  };
  const watcher = new Watcher(parts, clock);
  const lookAfter = (ms: number) => {
    now += ms;
    return watcher.sample();
  };
  return { watcher, counts, world, lookAfter };
}

describe("Watcher", () => {
  it("looks at all there is", async () => {
    const { lookAfter } = setUp();
    expect(await lookAfter(250)).toEqual({
      time: "2026-01-01T00:00:05.250Z",
      elapsedMs: 250,
      model: "ranker",
      endpoint: "fake://ranker",
      versions: [{ version: 1, state: "AVAILABLE" }],
      probe: {
        state: "on",
        sent: 1,
        failed: 0,
        last: { status: "pass", output: "it says pass", latencyMs: 12, secondsAgo: 0 },
        secondsToNext: 30,
        latencyMs: { p50: 12, p90: 12, max: 12, count: 1 },
      },
      memory: guardReport(),
      server: FIGURES,
    });
  });

  it("sends a prediction every 30 s, whatever the interval, and reads the page every 5 s", async () => {
    const { counts, lookAfter } = setUp();
    for (let second = 0; second < 61; second++) await lookAfter(1_000);
    expect(counts).toEqual({ status: 61, probes: 3, pages: 13 });
  });

  it("never sends a second one while the first is under way", async () => {
    const { counts, world, lookAfter, watcher } = setUp();
    let answer: (report: HealthReport) => void = () => {};
    world.probe = () => new Promise((resolve) => (answer = resolve));
    const first = watcher.sample();
    void lookAfter(40_000);
    void lookAfter(40_000);
    await new Promise((resolve) => setImmediate(resolve));
    expect(counts.probes).toBe(1);
    answer(healthReport("pass", 900));
    expect((await first).probe.last?.latencyMs).toBe(900);
    world.probe = async () => healthReport("pass");
    await lookAfter(1_000);
    expect(counts.probes).toBe(2);
  });

  it("sends none while memory is suspected of a leak, and goes on when it is not", async () => {
    const { counts, world, lookAfter } = setUp();
    await lookAfter(0);
    world.guard = RUNS_AWAY;
    expect((await lookAfter(1_000)).probe).toMatchObject({ state: "paused", sent: 1 });
    for (let minute = 0; minute < 10; minute++) await lookAfter(60_000);
    expect(counts.probes).toBe(1);
    world.guard = guardReport({ verdict: "stable" });
    expect((await lookAfter(1_000)).probe.state).toBe("on");
    await lookAfter(1_000);
    expect(counts.probes).toBe(2);
  });

  it("counts what failed, and keeps its latencies out", async () => {
    const { world, lookAfter } = setUp();
    world.probe = async () => healthReport("fail", 5_000);
    const { probe } = await lookAfter(0);
    expect(probe).toMatchObject({ sent: 1, failed: 1, last: { status: "fail" } });
    expect(probe.latencyMs).toBeUndefined();
    expect(probe.last).not.toHaveProperty("latencyMs");
  });

  it("has quantiles of the last hundred", async () => {
    const { world, lookAfter } = setUp();
    for (let count = 1; count <= 110; count++) {
      world.probe = async () => healthReport("pass", count);
      await lookAfter(30_000);
    }
    expect((await lookAfter(0)).probe.latencyMs).toEqual({ p50: 60, p90: 100, max: 110, count: 100 });
  });

  it("says why there is no status and no page, and goes on", async () => {
    let isDown = true;
    const down = async () => {
      if (isDown) throw new Error("down");
    };
    const { watcher, lookAfter } = setUp({
      status: () => down().then(() => []),
      metrics: { read: () => down().then(() => FIGURES) },
      guard: undefined,
      probe: undefined,
    });
    const sample = await lookAfter(0);
    expect(sample).toMatchObject({
      statusError: "down",
      serverError: "down",
      probe: { state: "off", sent: 0, failed: 0 },
    });
    expect(sample).not.toHaveProperty("memory");
    expect(watcher.statusError).toEqual(new Error("down"));
    isDown = false;
    expect(await lookAfter(5_000)).toMatchObject({ versions: [], server: FIGURES });
    expect(watcher.statusError).toBeUndefined();
  });
});
