import { describe, expect, it } from "vitest";
import { AbsentModels, modelKey } from "../../../src/endpoints/absent-models.ts";
import { spread, TrialBackOff } from "../../../src/endpoints/back-off.ts";
import { Latency } from "../../../src/endpoints/latency.ts";
import { Load, lessLoaded, typicalLatencyMs } from "../../../src/endpoints/load.ts";
import { OutcomeWindow } from "../../../src/endpoints/outcome-window.ts";
import { twoOf } from "../../../src/endpoints/two-of.ts";
import { seededRandom } from "../../../src/internal/seeded-random.ts";

describe("Latency", () => {
  const measured = (...samples: number[]) => {
    const latency = new Latency();
    for (const [index, sample] of samples.entries()) latency.observe(index, sample);
    return latency.read(samples.length - 1);
  };

  it("is the first sample, then an eighth of the way to each of the others, by ratio", () => {
    expect(measured(8)).toBe(8);
    expect(measured(8, 16)).toBeCloseTo(8 * 2 ** (1 / 8), 10);
    expect(measured(8, 4)).toBeCloseTo(8 / 2 ** (1 / 8), 2);
  });

  it("doubles the weight of outliers from the third in a row on: the fifth is believed", () => {
    expect(measured(8, 400)).toBeCloseTo(8 * 50 ** (1 / 8), 10);
    expect(measured(8, 400, 400)).toBeLessThan(30);
    expect(measured(8, 400, 400, 400, 400)).toBeLessThan(200);
    expect(measured(8, 400, 400, 400, 400, 400)).toBeCloseTo(400, 10);
  });

  it("does not follow outliers that come now and then", () => {
    const samples = Array.from({ length: 1_000 }, (_, n) => (n % 20 === 0 ? 50 : 5));
    expect(measured(...samples)).toBeLessThan(8);
    expect(measured(...samples)).toBeGreaterThan(4);
  });

  it("believes a sample between what was measured long ago and what that has faded to", () => {
    const latency = new Latency();
    latency.observe(0, 200);
    latency.observe(10_000, 190);
    expect(latency.read(10_000)).toBe(190);
    latency.observe(20_000, 200);
    expect(latency.read(20_000)).toBeCloseTo(190 * (200 / 190) ** (1 / 8), 10);
  });

  it("takes what the clock cannot tell from nothing", () => {
    expect(measured(0, 0, 0)).toBeCloseTo(0.01, 10);
    expect(measured(0, 5)).toBeGreaterThan(0.01);
  });

  it("fades by e in 10 s without a sample", () => {
    const latency = new Latency();
    latency.observe(0, 100);
    expect(latency.read(10_000)).toBeCloseTo(100 / Math.E, 6);
  });

  it("is raised and never lowered by calls that had no answer", () => {
    const latency = new Latency();
    latency.observe(0, 10);
    latency.observeAtLeast(1, 3);
    expect(latency.read(0)).toBe(10);
    latency.observeAtLeast(2, 20);
    expect(latency.read(2)).toBeGreaterThan(10);
    expect(latency.answeredMs).toBe(10);
  });
});

describe("OutcomeWindow", () => {
  it("counts calls and faults of the last ten steps, and forgets them step by step", () => {
    const window = new OutcomeWindow(10_000);
    for (let second = 0; second < 10; second++) window.add(second * 1_000, second < 5);
    expect(window.read(9_999)).toEqual({ calls: 10, faults: 5 });
    expect(window.read(12_000)).toEqual({ calls: 7, faults: 2 });
    expect(window.read(60_000)).toEqual({ calls: 0, faults: 0 });
    window.add(60_000, true);
    expect(window.read(60_000)).toEqual({ calls: 1, faults: 1 });
    window.clear();
    expect(window.read(60_000)).toEqual({ calls: 0, faults: 0 });
  });
});

describe("spread", () => {
  it("stays within a fifth, and its mean is what was asked for", () => {
    const random = seededRandom(4);
    const values = Array.from({ length: 10_000 }, () => spread(1_000, random));
    expect(Math.min(...values)).toBeGreaterThanOrEqual(800);
    expect(Math.max(...values)).toBeLessThan(1_200);
    expect(values.reduce((sum, each) => sum + each, 0) / values.length).toBeCloseTo(1_000, -1);
  });
});

describe("TrialBackOff", () => {
  const middle = () => 0.5;

  it("doubles up to its most", () => {
    const backOff = new TrialBackOff(5, 30, middle);
    expect([1, 2, 3, 4, 5].map((now) => backOff.next(now))).toEqual([5, 10, 20, 30, 30]);
  });

  it("begins anew after success that lasted longer than the last pause, and goes on doubling after less", () => {
    const backOff = new TrialBackOff(5, 300, middle);
    backOff.next(0);
    backOff.next(1);
    backOff.succeeded(100);
    expect(backOff.next(105)).toBe(20);
    backOff.succeeded(200);
    expect(backOff.next(221)).toBe(5);
  });
});

describe("twoOf", () => {
  it("takes each pair equally often, and the one there is twice", () => {
    const random = seededRandom(1);
    const counts = new Map<string, number>();
    for (let n = 0; n < 9_000; n++) {
      const key = twoOf(["a", "b", "c"], random).sort().join("");
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual(["ab", "ac", "bc"]);
    for (const count of counts.values()) expect(Math.abs(count - 3_000)).toBeLessThan(200);
    expect(twoOf(["a"], random)).toEqual(["a", "a"]);
  });
});

describe("AbsentModels", () => {
  it("forgets a model after 5 s, when it was answered, and when there are too many", () => {
    const absent = new AbsentModels();
    absent.add("m", 0);
    expect([absent.has("m", 4_999), absent.has("other", 0), absent.has("m", 5_000)]).toEqual([true, false, false]);
    absent.add("m", 0);
    absent.remove("m");
    expect(absent.has("m", 1)).toBe(false);
    for (let n = 0; n < 65; n++) absent.add(`m${n}`, 0);
    expect([absent.has("m0", 1), absent.has("m1", 1), absent.has("m64", 1)]).toEqual([false, true, true]);
  });
});

describe("modelKey", () => {
  it("tells versions and labels of a model apart, and knows requests without a model", () => {
    const keys = [{ model: "m" }, { model: "m", version: 1 }, { model: "m", versionLabel: "1" }].map(modelKey);
    expect(new Set(keys).size).toBe(3);
    expect(modelKey({ model: "m", version: 1n })).toBe(modelKey({ model: "m", version: 1 }));
    expect(modelKey({ config: { models: [] } })).toBeUndefined();
  });
});

describe("lessLoaded", () => {
  const host = (latencyMs?: number, outstanding = 0) => {
    const load = new Load();
    if (latencyMs !== undefined) {
      load.begin(0);
      load.latency.observe(0, latencyMs);
      load.works(0);
      load.end();
    }
    for (let n = 0; n < outstanding; n++) load.begin(0);
    return { load };
  };

  it("takes a host that was never asked first", () => {
    const [known, fresh] = [host(1), host()];
    expect(lessLoaded(known, fresh, 0, 1)).toBe(fresh);
    expect(lessLoaded(fresh, known, 0, 1)).toBe(fresh);
  });

  it("takes the one with fewer calls where latency is alike", () => {
    const [busy, free] = [host(5, 2), host(9, 1)];
    expect(lessLoaded(busy, free, 0, 1)).toBe(free);
  });

  it("weighs latency by calls where it is not", () => {
    const [slow, fast] = [host(50, 0), host(5, 8)];
    expect(lessLoaded(slow, fast, 0, 1)).toBe(fast);
    expect(lessLoaded(slow, host(5, 12), 0, 1)).toBe(slow);
  });

  it("counts the silence of a host that owes an answer", () => {
    const [silent, slow] = [host(5, 1), host(40, 1)];
    slow.load.sign(1_000);
    expect(lessLoaded(silent, slow, 1_000, 1)).toBe(slow);
  });

  it("makes a host dearer by its faults, for longer with each", () => {
    const [faulty, good] = [host(5), host(5, 3)];
    faulty.load.fault(0);
    expect(lessLoaded(faulty, good, 0, 1)).toBe(good);
    expect(lessLoaded(faulty, good, 30_000, 1)).toBe(faulty);
    for (let n = 0; n < 5; n++) faulty.load.fault(30_000);
    good.load.sign(60_000);
    expect(lessLoaded(faulty, good, 60_000, 1)).toBe(good);
  });
});

describe("typicalLatencyMs", () => {
  it("is the mean of what is known, and a millisecond where nothing is", () => {
    const load = new Load();
    expect(typicalLatencyMs([{ load }], 0)).toBe(1);
    load.latency.observe(0, 8);
    expect(typicalLatencyMs([{ load }, { load: new Load() }], 0)).toBe(8);
  });
});
