import { describe, expect, it } from "vitest";
import {
  createLeakGuard,
  type LeakGuard,
  type LeakGuardOptions,
  type LeakGuardReport,
  MemoryGuard,
} from "../../../../src/health/leak/leak-guard.ts";
import { FakeClock, FakeServing } from "../fake-serving.ts";

interface World {
  second: number;
  bytes: number;
  resets: number;
  requests: number;
  broken: boolean;
}

function setUp(options: Partial<LeakGuardOptions> = {}) {
  const world: World = { second: 0, bytes: 8e9, resets: 0, requests: 0, broken: false };
  const serving = new FakeServing();
  const clock = new FakeClock();
  const memory = () => {
    if (world.broken) throw new Error("gone");
    return { bytes: world.bytes, limitBytes: 32e9, resets: world.resets };
  };
  const changes: LeakGuardReport[] = [];
  const settings = {
    memory,
    models: ["m"],
    requestCount: undefined,
    intervalMs: 1_000,
    windowSeconds: 120,
    onChange: (report: LeakGuardReport) => changes.push(report),
    ...options,
  };
  const guard = new MemoryGuard(serving.client, settings as never, clock);
  /** Lets `seconds` pass, a sample a second. */
  const pass = async (seconds: number, each: (world: World) => void = () => {}) => {
    let report: LeakGuardReport | undefined;
    for (let i = 0; i < seconds; i++) {
      clock.advance(1_000);
      world.second++;
      each(world);
      report = await guard.sample();
    }
    return report as LeakGuardReport;
  };
  return { world, serving, guard, pass, changes };
}

const wobble = (second: number) => ((second * 7_919) % 13) * 1e6;

describe("createLeakGuard", () => {
  it("alarms within 22 samples of memory that runs away, and says when the limit is reached", async () => {
    const { pass, changes } = setUp();
    await pass(30);
    const report = await pass(22, (world) => {
      world.bytes += 40e6;
    });
    expect(report).toMatchObject({ verdict: "suspected", fuse: { alarm: true, disarmed: undefined }, step: "second" });
    expect(report.secondsToLimit).toBeLessThan(620);
    expect(report.output).toMatch(/^memory function: memory runs away.*; the limit is at most 1?\d min away$/);
    expect(changes.at(-1)?.fuse.alarm).toBe(true);
  });

  it("stays silent while a version loads, and for a minute after", async () => {
    const { pass, serving } = setUp();
    await pass(20);
    serving.status = async () => [{ version: 2, state: "LOADING" }];
    const loading = await pass(40, (world) => {
      world.bytes += 150e6;
    });
    expect(loading).toMatchObject({
      verdict: "inconclusive",
      fuse: { disarmed: "a model is being loaded or unloaded" },
    });
    serving.status = async () => [{ version: 2, state: "AVAILABLE" }];
    expect((await pass(59)).fuse.disarmed).toBe("a model was loaded or unloaded just now");
    expect((await pass(20)).fuse.disarmed).toBeUndefined();
  });

  it("is not armed where the models are not named, or their state is not known", async () => {
    expect((await setUp({ models: undefined }).pass(30)).fuse.disarmed).toBe("no models are named, one may be loading");
    const { pass, serving } = setUp();
    serving.status = () => Promise.reject(new Error("down"));
    expect((await pass(30)).fuse.disarmed).toBe("the state of the models is not known, one may be loading");
  });

  it("finds a slow leak by the second, and by the prediction where they are counted", async () => {
    const slow = (world: World) => {
      world.bytes = 8e9 + 3e6 * world.second + wobble(world.second);
      world.requests = 4 * world.second;
    };
    const bySecond = await setUp().pass(125, slow);
    expect(bySecond).toMatchObject({ verdict: "leak", step: "second", samples: 120 });
    expect(bySecond.growthPerStep).toBeCloseTo(3e6, -5);
    const [first, second] = bySecond.windows;
    expect(first?.fromSecondsAgo).toBe(107);
    expect(second).toMatchObject({ fromSecondsAgo: 53, toSecondsAgo: 0 });
    expect(((second?.endBytes ?? 0) - (first?.startBytes ?? 0)) / 107).toBeCloseTo(3e6, -5);
    let requests = 0;
    const byPrediction = await setUp({ requestCount: async () => requests }).pass(125, (world) => {
      slow(world);
      requests = world.requests;
    });
    expect(byPrediction).toMatchObject({ verdict: "leak", step: "prediction" });
    expect(byPrediction.growthPerStep).toBeCloseTo(0.75e6, -5);
    expect(Math.abs((byPrediction.secondsToLimit ?? 0) - (bySecond.secondsToLimit ?? 0))).toBeLessThan(60);
  });

  it("calls stable what stands still", async () => {
    expect(
      await setUp().pass(125, (world) => {
        world.bytes = 8e9 + wobble(world.second);
      }),
    ).toMatchObject({ verdict: "stable", fuse: { alarm: false } });
  });

  it("begins anew when the process does", async () => {
    const { pass, world } = setUp();
    await pass(125);
    world.resets = 1;
    expect(await pass(1)).toMatchObject({ verdict: "inconclusive", restarts: 1, samples: 1 });
  });

  it("knows nothing once memory cannot be read ten times in a row, and never calls that stable", async () => {
    const { pass, world } = setUp();
    expect((await pass(125)).verdict).toBe("stable");
    world.broken = true;
    expect((await pass(9)).verdict).toBe("stable");
    expect(await pass(1)).toMatchObject({ verdict: "inconclusive", output: "memory function: gone" });
  });

  it("shares one look among those who ask at a time", async () => {
    const { guard, serving } = setUp();
    await Promise.all([guard.sample(), guard.sample(), guard.sample()]);
    expect(serving.count("status")).toBe(1);
  });

  it("looks by itself between start and stop", async () => {
    let looks = 0;
    let guard: LeakGuard | undefined;
    await new Promise<void>((resolve) => {
      const memory = () => {
        if (++looks === 3) resolve();
        return 1e9;
      };
      guard = createLeakGuard(new FakeServing().client, { memory, intervalMs: 1 });
      guard.start();
      guard.start();
    });
    guard?.stop();
    const after = looks;
    await new Promise((resolve) => setImmediate(resolve));
    expect(looks - after).toBeLessThanOrEqual(1);
  });

  it.each<[object, string]>([
    [{}, "memory must be a memory source or a function, got undefined"],
    [{ memory: () => 1, models: "m" }, 'models must be an array of names, got "m"'],
    [{ memory: () => 1, model: "m" }, 'no option is called "model"; did you mean "models"?'],
    [{ memory: () => 1, intervalMs: 0 }, "intervalMs must be milliseconds from 1, got 0"],
  ])("refuses %o", (options, message) => {
    const make = () => createLeakGuard(new FakeServing().client, options as LeakGuardOptions);
    expect(make).toThrow(new TypeError(`createLeakGuard: ${message}`));
  });
});
