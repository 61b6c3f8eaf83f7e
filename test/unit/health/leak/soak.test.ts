import { describe, expect, it } from "vitest";
import type { InputsWanted } from "../../../../src/contract/input-source.ts";
import { ServingError } from "../../../../src/errors/serving-error.ts";
import type { GrowthWindow } from "../../../../src/health/leak/leak-rule.ts";
import { Soak, soak } from "../../../../src/health/leak/soak.ts";
import { readSoakOptions, type SoakOptions } from "../../../../src/health/leak/soak-options.ts";
import { FakeClock, FakeServing, never, settle } from "../fake-serving.ts";

/** A server whose memory goes up with each prediction, and a soak of it. */
function setUp(options: Partial<SoakOptions> = {}, bytesAfter: (predictions: number) => number = () => 1e9) {
  const serving = new FakeServing();
  const clock = new FakeClock();
  const memory = () => ({ bytes: bytesAfter(serving.count("predict")), limitBytes: 32e9 });
  const all = { model: "m", memory, ...options } as SoakOptions;
  const run = () => new Soak(serving.client, readSoakOptions(serving.client, all), clock).run();
  return { serving, clock, run };
}

/** Memory that does not stand still, the same each time. */
const wobble = (predictions: number) => ((predictions * 7_919) % 13) * 1e6;

describe("soak", () => {
  it("calls a leak what goes on rising, with what it costs and when the limit is reached", async () => {
    const { run } = setUp({ fuseBytes: 1e12 }, (n) => 8e9 + 50e6 * n + wobble(n));
    const report = await run();
    expect(report).toMatchObject({
      verdict: "leak",
      end: "done",
      predictions: 100,
      suspectedAfter: 20,
      synthetic: true,
    });
    expect(report.bytesPerPrediction).toBeCloseTo(50e6, -6);
    expect(report.leastBytesPerPrediction).toBeLessThanOrEqual(report.bytesPerPrediction ?? 0);
    expect(report.predictionsToLimit).toBeGreaterThan(370);
    expect(report.predictionsToLimit).toBeLessThan(390);
    expect(report.samples).toHaveLength(101);
    expect(report.samples.map(({ latencyMs }) => latencyMs).slice(0, 2)).toEqual([undefined, 0]);
    expect(report.windows).toMatchObject([
      { first: 10, last: 54 },
      { first: 55, last: 100 },
    ]);
    const [{ startBytes, endBytes }] = report.windows as [GrowthWindow];
    expect((endBytes - startBytes) / 44).toBeCloseTo(50e6, -6);
    expect(report.output).toMatch(
      /^model "m" leaks 50\.\d MB a prediction \(5\.\d\d GB in 100 predictions\); the limit is at most 3\d\d predictions away: keep it from traffic, go back to the version before$/,
    );
  });

  it("asks a source for each prediction's inputs, and says whether they were made up", async () => {
    const inputs = {
      name: "a drawer",
      synthetic: false,
      inputsFor: async ({ index }: InputsWanted) => ({ x: [index] }),
    };
    const { run, serving } = setUp({ inputs, predictions: 20 });
    expect(await run()).toMatchObject({ end: "done", synthetic: false });
    const sent = serving.asked.filter(({ operation }) => operation === "predict").map(({ request }) => request);
    expect(sent).toEqual(Array.from({ length: 20 }, (_, index) => ({ x: [index] })));
  });

  it("ends, and says why, when a source has no inputs", async () => {
    const inputs = {
      name: "a drawer",
      synthetic: false,
      inputsFor: async () => Promise.reject(new Error("it is empty")),
    };
    const { run, serving } = setUp({ inputs });
    const report = await run();
    expect(report).toMatchObject({ verdict: "inconclusive", end: "failures", predictions: 0 });
    expect(report.output).toContain("it is empty, give inputs");
    expect(serving.count("predict")).toBe(0);
  });

  it("stops before 1 GB is spent, and suspects", async () => {
    const { run, serving } = setUp({ version: 47 }, (n) => 8e9 + 50e6 * n);
    const report = await run();
    expect(report).toMatchObject({ verdict: "suspected", end: "fuse", predictions: 20, suspectedAfter: 20 });
    expect(report.growthBytes).toBe(1e9);
    expect(serving.count("predict")).toBe(20);
    expect(report.output).toContain('model "m" version 47 is suspected of a leak: 50.0 MB a prediction');
    expect(report.output).toContain("no more were sent, to do no damage");
  });

  it("stops at 5 % of a small limit, and where it is told to", async () => {
    const memory = (limitBytes: number) => {
      const set = setUp();
      return { ...set, source: () => ({ bytes: 1e9 + 50e6 * set.serving.count("predict"), limitBytes }) };
    };
    const small = memory(8e9);
    const options = readSoakOptions(small.serving.client, { model: "m", memory: small.source });
    expect((await new Soak(small.serving.client, options, small.clock).run()).predictions).toBe(8);
    expect((await setUp({ fuseBytes: 100e6 }, (n) => 8e9 + 50e6 * n).run()).predictions).toBe(2);
  });

  it("calls stable what has settled after a warm-up", async () => {
    const { run } = setUp({}, (n) => 8e9 + 500e6 * (1 - Math.exp(-n / 8)) + wobble(n));
    const report = await run();
    expect(report).toMatchObject({ verdict: "stable", end: "done", predictionsToLimit: undefined });
    expect(report.output).toMatch(
      /^model "m" is stable over 100 predictions: memory has settled, at most .* a prediction$/,
    );
  });

  it("says neither leak nor stable after 20 predictions", async () => {
    expect((await setUp({ predictions: 20 }, (n) => 8e9 + wobble(n)).run()).verdict).toBe("inconclusive");
    const rising = await setUp({ predictions: 20 }, (n) => 8e9 + 20e6 * n + wobble(n)).run();
    expect(rising).toMatchObject({ verdict: "suspected", end: "done" });
    expect(rising.output).toContain("soak it with more predictions");
  });

  it("sends nothing while memory cannot be read, and is inconclusive", async () => {
    const memory = () => Promise.reject(new Error("no such process"));
    const { run, serving } = setUp({ memory });
    const report = await run();
    expect(report).toMatchObject({ verdict: "inconclusive", end: "memory", predictions: 0 });
    expect(report.output).toBe(
      'model "m": nothing was found out over 0 predictions, memory function: no such process; repair the memory source',
    );
    expect(serving.count("predict")).toBe(0);
  });

  it.each([
    [Number.NaN, "it says NaN for bytes"],
    [-1, "it says -1 for bytes"],
    ["8e9" as never, 'it says "8e9" for bytes'],
  ])("takes %s for no reading", async (bytes, reason) => {
    const report = await setUp({ memory: () => bytes }).run();
    expect(report.verdict).toBe("inconclusive");
    expect(report.output).toContain(reason);
  });

  it("sends at most 20 predictions without seeing memory, and waits 90 s for the source", async () => {
    const time = Date.UTC(2026, 0, 1);
    const { run, serving, clock } = setUp({ memory: () => ({ bytes: 1e9, timeMs: time }) });
    const report = run();
    for (let second = 0; second < 95; second++) {
      await settle();
      clock.advance(1_000);
    }
    expect(await report).toMatchObject({ verdict: "inconclusive", end: "memory", predictions: 20 });
    expect((await report).output).toContain("has measured nothing new for 90 s");
    expect(serving.count("predict")).toBe(20);
  });

  it("goes on when a slow source has measured anew", async () => {
    const set = setUp();
    const memory = () => ({ bytes: 1e9, timeMs: Date.UTC(2026, 0, 1) + 15_000 * Math.floor(set.clock.now() / 15_000) });
    const settings = readSoakOptions(set.serving.client, { model: "m", memory, predictions: 60 });
    const report = new Soak(set.serving.client, settings, set.clock).run();
    for (let second = 0; second < 60; second++) {
      await settle();
      set.clock.advance(1_000);
    }
    expect(await report).toMatchObject({ end: "done", predictions: 60, verdict: "inconclusive" });
    expect((await report).samples.length).toBeLessThan(6);
  });

  it("ends when the process is another one, and calls nothing stable then", async () => {
    const { serving, clock } = setUp();
    const memory = () => ({ bytes: 1e9, resets: serving.count("predict") >= 90 ? 1 : 0 });
    const settings = readSoakOptions(serving.client, { model: "m", memory });
    const report = await new Soak(serving.client, settings, clock).run();
    expect(report).toMatchObject({ verdict: "inconclusive", end: "restart", predictions: 90 });
    expect(report.output).toContain("the process was restarted after 90 predictions; look for what ended");
  });

  it("keeps a suspicion when the process then dies of it", async () => {
    const set = setUp();
    const sent = () => set.serving.count("predict");
    const memory = () => ({ bytes: 1e9 + 20e6 * sent(), resets: sent() >= 30 ? 1 : 0 });
    const settings = readSoakOptions(set.serving.client, { model: "m", memory });
    expect(await new Soak(set.serving.client, settings, set.clock).run()).toMatchObject({
      verdict: "suspected",
      end: "restart",
    });
  });

  it("gives up after three failures in a row, and never repeats a prediction", async () => {
    const { run, serving } = setUp();
    const options: unknown[] = [];
    serving.predict = async (_inputs, given) => {
      options.push(given?.maxRetries);
      throw new ServingError("out of order", { code: "INTERNAL", kind: "internal" });
    };
    const report = await run();
    expect(report).toMatchObject({
      verdict: "inconclusive",
      end: "failures",
      predictions: 3,
      failures: 3,
      latencyMs: undefined,
    });
    expect(report.output).toContain("predictions fail: [INTERNAL] out of order; repair the predictions first");
    expect(options).toEqual([0, 0, 0]);
  });

  it("goes on over single failures", async () => {
    const { run, serving } = setUp({ predictions: 12 });
    let call = 0;
    const well = serving.predict;
    serving.predict = (inputs, given) =>
      ++call % 3 === 0 ? Promise.reject(new Error("now and then")) : well(inputs, given);
    expect(await run()).toMatchObject({ end: "done", predictions: 12, failures: 4 });
  });

  it("gives a prediction up that hangs", async () => {
    const { run, serving, clock } = setUp({ timeoutMs: 200 });
    serving.predict = never;
    const report = run();
    for (let turn = 0; turn < 4; turn++) {
      await settle();
      clock.advance(200);
    }
    expect(await report).toMatchObject({ end: "failures", predictions: 3 });
  });

  it("divides by the server's own count where others predict too", async () => {
    const set = setUp();
    const memory = () => 1e9 + 30e6 * set.serving.count("predict");
    const requestCount = async () => 1_000 + 3 * set.serving.count("predict");
    const options = { model: "m", memory, requestCount, fuseBytes: 1e12 };
    const report = await new Soak(set.serving.client, readSoakOptions(set.serving.client, options), set.clock).run();
    expect(report).toMatchObject({ verdict: "leak", bytesPerPrediction: 10e6 });
  });

  it("has the server's own figures beside its own, and counts by them", async () => {
    const set = setUp();
    const sent = () => set.serving.count("predict");
    const looks: number[] = [];
    const metrics = {
      read: async () => {
        looks.push(sent());
        return { requests: sent() } as never;
      },
      requestCount: async () => 2 * sent(),
    };
    const options = { model: "m", memory: () => 1e9 + 20e6 * sent(), metrics, fuseBytes: 1e12 };
    const report = await new Soak(set.serving.client, readSoakOptions(set.serving.client, options), set.clock).run();
    expect(report).toMatchObject({ verdict: "leak", bytesPerPrediction: 10e6, server: { requests: 100 } });
    expect(looks).toEqual([0, 100]);
  });

  it("ends when that count goes back", async () => {
    const set = setUp();
    const requestCount = async () => (set.serving.count("predict") < 5 ? 1_000 + set.serving.count("predict") : 3);
    const options = { model: "m", memory: () => 1e9, requestCount };
    const report = await new Soak(set.serving.client, readSoakOptions(set.serving.client, options), set.clock).run();
    expect(report).toMatchObject({ verdict: "inconclusive", end: "restart", predictions: 5 });
  });

  it("ends with the caller's signal, and keeps nothing on it", async () => {
    const abort = new AbortController();
    const { run, serving } = setUp({ signal: abort.signal });
    serving.predict = (_inputs, options) =>
      new Promise((_resolve, reject) => options?.signal?.addEventListener("abort", () => reject(new Error("aborted"))));
    const report = run();
    await settle();
    abort.abort();
    expect(await report).toMatchObject({ verdict: "inconclusive", end: "signal", predictions: 1 });
  });

  it("ends when its time is over", async () => {
    const { run, clock } = setUp({ durationMs: 10_000, pauseMs: 1_000 });
    const report = run();
    for (let second = 0; second < 11; second++) {
      await settle();
      clock.advance(1_000);
    }
    expect(await report).toMatchObject({ end: "done", predictions: 10 });
  });

  it("tells how it goes", async () => {
    const seen: unknown[] = [];
    const { run } = setUp({ predictions: 40, onProgress: (progress) => seen.push(progress) }, (n) => 8e9 + 10e6 * n);
    await run();
    expect(seen).toHaveLength(40);
    expect(seen[9]).toMatchObject({ predictions: 10, growthBytes: 100e6, verdict: "inconclusive" });
    expect(seen[39]).toMatchObject({ predictions: 40, bytes: 8.4e9, verdict: "suspected" });
  });

  it.each<[object, string]>([
    [{}, "memory must be a memory source or a function, got undefined"],
    [{ memory: 5 }, "memory must be a memory source or a function, got 5"],
    [{ memory: () => 1, model: "" }, 'model must be the name of a model, got ""'],
    [{ memory: () => 1, predictions: 9 }, "predictions must be a whole number from 10, got 9"],
    [{ memory: () => 1, prediction: 9 }, 'no option is called "prediction"; did you mean "predictions"?'],
    [{ memory: () => 1, fuseBytes: -1 }, "fuseBytes must be a number from 0, got -1"],
    [{ memory: () => 1, signal: {} }, "signal must be an AbortSignal, got an object"],
  ])("refuses %o", async (options, message) => {
    const found = soak(new FakeServing().client, { model: "m", ...options } as SoakOptions);
    await expect(found).rejects.toThrow(new TypeError(`soak: ${message}`));
  });
});
