import { describe, expect, it } from "vitest";
import { LEAKING, SOUND } from "./families.ts";
import { alarmShare, judgeFamily, judgeSoaks, LOAD, medianAndP99, replayStory, timeFuse, warmUp } from "./measure.ts";
import { SIGMA_BYTES } from "./story.ts";

/** `node test/health-sim/run.ts` has a thousand; these are its first ones. */
const SEEDS = 80;

describe("a soak of a model that leaks 50 MB a prediction", () => {
  it("is suspected within 20 predictions and 1.1 GB, and confirmed or fused, with every one of 100 seeds", async () => {
    const runs = await replayStory(100);
    expect(Math.max(...runs.map((run) => run.suspectedAfter))).toBeLessThanOrEqual(20);
    expect(Math.max(...runs.map((run) => run.growthBytes))).toBeLessThanOrEqual(1.1e9);
    expect(runs.filter((run) => run.ended)).toHaveLength(100);
  });
});

describe("the two-window rule", () => {
  it.each(SOUND)("does not call a leak: $name", (family) => {
    expect(judgeFamily(family, { seeds: SEEDS, n: 60, rho: 0 }).leak).toBeLessThanOrEqual(0.01);
    expect(judgeFamily(family, { seeds: SEEDS, n: 60, rho: 0.5 }).leak).toBeLessThanOrEqual(0.02);
  });

  it("does not call a leak: noise that remembers nine tenths of itself", () => {
    expect(judgeFamily(SOUND[0]!, { seeds: SEEDS, n: 60, rho: 0.9 }).leak).toBeLessThanOrEqual(0.01);
  });

  it("finds a leak of 15 sigma a window in 95 of 100", () => {
    expect(judgeFamily(LEAKING[1]!, { seeds: SEEDS, n: 60, rho: 0 }).leak).toBeGreaterThanOrEqual(0.95);
  });

  it("never calls stable what leaks", () => {
    for (const family of LEAKING) expect(judgeFamily(family, { seeds: SEEDS, n: 60, rho: 0 }).stable).toBe(0);
  });
});

describe("a soak", () => {
  it("of 200 predictions finds 1 MB each", async () => {
    const { leak, stable } = await judgeSoaks(SEEDS, { predictions: 200, leakBytes: 1e6 });
    expect(leak).toBeGreaterThanOrEqual(0.98);
    expect(stable).toBe(0);
  });

  it("of 100 or more predictions never calls a slow warm-up a leak", async () => {
    for (const predictions of [100, 200]) {
      const slow = { leakBytes: 0, warmUpBytes: 500e6, warmUpPredictions: 15 };
      expect((await judgeSoaks(SEEDS, { predictions, ...slow })).leak).toBe(0);
    }
  });

  it("of 20 predictions says neither leak nor stable", async () => {
    for (const leakBytes of [0, 5e6, 50e6]) {
      const { leak, stable } = await judgeSoaks(SEEDS, { predictions: 20, leakBytes });
      expect([leak, stable]).toEqual([0, 0]);
    }
  });
});

describe("the fast fuse", () => {
  it.each([SIGMA_BYTES, 64e6])("sees 40 MB/s within 20 s median and 40 s p99, noise of %d bytes", (sigma) => {
    const { median, p99 } = medianAndP99(timeFuse(SEEDS, { rise: (second) => second * 40e6, sigma }));
    expect(median).toBeLessThanOrEqual(20);
    expect(p99).toBeLessThanOrEqual(40);
  });

  it.each([5, 15, 30])("is silent on a warm-up of 500 MB, tau %d s", (tau) => {
    expect(alarmShare(timeFuse(SEEDS, warmUp(500e6, tau)))).toBe(0);
  });

  it("is silent while a version loads, which looks exactly like a leak", () => {
    expect(alarmShare(timeFuse(SEEDS, LOAD))).toBe(0);
    expect(alarmShare(timeFuse(SEEDS, { ...LOAD, loading: () => false }))).toBe(1);
  });
});
