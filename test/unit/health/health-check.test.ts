import { describe, expect, it } from "vitest";
import type { InputsWanted } from "../../../src/contract/input-source.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { createHealthCheck, ModelHealthCheck } from "../../../src/health/health-check.ts";
import { type HealthCheckOptions, readHealthOptions } from "../../../src/health/health-options.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { heapGrowth } from "../../faults/lab/heap-growth.ts";
import { FakeClock, FakeServing, floats, HALF_PLUS_TWO, never, settle } from "./fake-serving.ts";

function setUp(options: Partial<HealthCheckOptions> = {}) {
  const serving = new FakeServing();
  const clock = new FakeClock();
  const settings = readHealthOptions(serving.client, { model: "m", ...options } as HealthCheckOptions);
  return { serving, clock, health: new ModelHealthCheck(serving.client, settings, clock) };
}

const notFound = () =>
  new ServingError("Could not find any versions of model m", { code: "NOT_FOUND", kind: "not_found" });
const refused = () => new ServingError("connect ECONNREFUSED", { code: "UNAVAILABLE", kind: "unavailable" });

describe("createHealthCheck at level alive", () => {
  it("passes when a status request is answered", async () => {
    const { health, serving } = setUp({ level: "alive" });
    const report = await health.check();
    expect(report).toMatchObject({ status: "pass", level: "alive", predictions: 0, output: "fake://m answers" });
    expect(Object.keys(report.checks)).toEqual(["alive"]);
    expect(serving.asked).toEqual([{ operation: "status", request: { model: "m", version: undefined } }]);
  });

  it("passes when the server answers that it does not know the model", async () => {
    const { health, serving } = setUp({ level: "alive" });
    serving.status = () => Promise.reject(notFound());
    expect((await health.check()).status).toBe("pass");
  });

  it("fails with what to do when nobody answers", async () => {
    const { health, serving } = setUp({ level: "alive" });
    serving.status = () => Promise.reject(refused());
    const report = await health.check();
    expect(report.status).toBe("fail");
    expect(report.output).toBe(
      "fake://m does not answer a status request: [UNAVAILABLE] connect ECONNREFUSED; is the server running, past loading its models (its ports open after that), and is the address right?",
    );
  });

  it("fails at its timeout although the client never settles, and aborts the request", async () => {
    const { health, serving, clock } = setUp({ level: "alive", timeoutMs: 250 });
    let signal: AbortSignal | undefined;
    serving.status = (options) => {
      signal = options?.signal;
      expect(options?.timeoutMs).toBe(250);
      return never();
    };
    const report = health.check();
    await settle();
    clock.advance(250);
    expect(await report).toMatchObject({
      status: "fail",
      checks: { alive: { observedValue: 250, observedUnit: "ms" } },
    });
    expect(signal?.aborted).toBe(true);
  });

  it("is inconclusive when the client was closed, which says nothing of the server", async () => {
    const { health, serving } = setUp({ level: "alive" });
    serving.status = () =>
      Promise.reject(new ServingError("the client is closed", { code: "CANCELLED", kind: "closed" }));
    expect((await health.check()).status).toBe("inconclusive");
  });

  it("fails on what is no serving error, and keeps it to one line", async () => {
    const { health, serving } = setUp({ level: "alive" });
    serving.status = () => Promise.reject(new Error("first\nsecond \u001b[31mred"));
    const { output, status } = await health.check();
    expect(status).toBe("fail");
    expect(output).toContain("Error: first second [31mred");
  });

  it("leaves no timer behind", async () => {
    const { health, clock } = setUp({ level: "alive" });
    await health.check();
    expect(clock.timers).toBe(0);
  });
});

describe("createHealthCheck at level loaded", () => {
  it("passes when any version is available, and names it", async () => {
    const { health, serving } = setUp({ level: "loaded" });
    serving.status = async () => [
      { version: 2, state: "LOADING" },
      { version: 1, state: "AVAILABLE" },
    ];
    const report = await health.check();
    expect(report).toMatchObject({
      status: "pass",
      output: 'model "m" version 1 is AVAILABLE',
      checks: { loaded: { observedValue: 1 } },
    });
    expect(serving.count("predict")).toBe(0);
  });

  it("warns when a newer version failed while an older one serves", async () => {
    const { health, serving } = setUp({ level: "loaded" });
    serving.status = async () => [
      { version: 2, state: "END", error: { code: "UNKNOWN", message: "no graph" } },
      { version: 1, state: "AVAILABLE" },
    ];
    const report = await health.check();
    expect(report.status).toBe("warn");
    expect(report.output).toBe('model "m" version 1 is AVAILABLE, but the newer version 2 failed: [UNKNOWN] no graph');
  });

  it.each([
    [{ version: 1, state: "LOADING" } as const, "LOADING: it is being loaded; wait"],
    [{ version: 1, state: "END" } as const, "END: it was unloaded"],
    [
      { version: 1, state: "END", error: { code: "RESOURCE_EXHAUSTED", message: "no memory" } } as const,
      "END, it failed to load: [RESOURCE_EXHAUSTED] no memory; repair it",
    ],
  ])("fails with the reason for %j", async (status, reason) => {
    const { health, serving } = setUp({ level: "loaded" });
    serving.status = async () => [status];
    const report = await health.check();
    expect(report.status).toBe("fail");
    expect(report.output).toContain(`model "m" version 1 is ${reason}`);
  });

  it("asks for the one version it wants", async () => {
    const { health, serving } = setUp({ level: "loaded", version: 7n });
    serving.status = async () => [{ version: 7, state: "AVAILABLE" }];
    expect((await health.check()).status).toBe("pass");
    expect(serving.asked[0]?.request).toEqual({ model: "m", version: 7n });
  });

  it("fails, yet calls the server alive, when the model is not known", async () => {
    const { health, serving } = setUp({ level: "loaded", version: 3 });
    serving.status = () => Promise.reject(notFound());
    const report = await health.check();
    expect(report).toMatchObject({ status: "fail", checks: { alive: { status: "pass" }, loaded: { status: "fail" } } });
    expect(report.output).toContain('does not know model "m" version 3');
  });

  it("looks a label up in the metadata, because a status request ignores labels", async () => {
    const { health, serving } = setUp({ level: "loaded", versionLabel: "stable" });
    const report = await health.check();
    expect(report.output).toBe('label "stable" of model "m" (version 1) is AVAILABLE');
    expect(serving.asked).toEqual([
      { operation: "status", request: { model: "m", version: undefined } },
      { operation: "metadata", request: { model: "m", versionLabel: "stable" } },
    ]);
  });

  it("fails when the label is not set, or its version not loaded", async () => {
    const { health, serving } = setUp({ level: "loaded", versionLabel: "stable" });
    const unset = new ServingError("Unrecognized servable version label: stable", {
      code: "INVALID_ARGUMENT",
      kind: "invalid",
    });
    serving.metadata = () => Promise.reject(unset);
    expect(await health.check()).toMatchObject({ status: "fail", output: expect.stringContaining("is not set") });
    serving.metadata = () => Promise.reject(notFound());
    expect(await health.check()).toMatchObject({ status: "fail", output: expect.stringContaining("is not loaded") });
  });

  it("compares versions beyond 2^53 exactly", async () => {
    const { health, serving } = setUp({ level: "loaded", version: 9007199254740993n });
    serving.status = async () => [{ version: 9007199254740992n, state: "AVAILABLE" }];
    expect((await health.check()).status).toBe("fail");
  });
});

describe("createHealthCheck at level predicts", () => {
  it("predicts with inputs made up from the signature, and says so", async () => {
    const { health, serving } = setUp();
    const report = await health.check();
    expect(report).toMatchObject({ status: "pass", level: "predicts", synthetic: true, predictions: 1, ageMs: 0 });
    expect(Object.keys(report.checks)).toEqual(["alive", "loaded", "predicts", "outputs", "finite"]);
    const x = (serving.asked.at(-1)?.request as { x: Tensor } | undefined)?.x;
    expect([x?.dtype, x?.shape, x?.data]).toEqual(["float32", [1], new Float32Array(1)]);
  });

  it("sends what a source has for the first prediction, each time, and says where it is from", async () => {
    const asked: unknown[] = [];
    const inputs = (synthetic: boolean) => ({
      name: "a drawer",
      synthetic,
      inputsFor: async ({ signature, signatureName, index }: InputsWanted) => {
        asked.push([signature, signatureName, index]);
        return { x: [index] };
      },
    });
    const { health, serving } = setUp({ inputs: inputs(false), minIntervalMs: 0 });
    const report = await health.check();
    await health.check();
    expect(report).toMatchObject({ status: "pass", synthetic: false, output: expect.stringContaining("(a drawer)") });
    expect(asked).toEqual(Array.from({ length: 2 }, () => [HALF_PLUS_TWO, "serving_default", 0]));
    expect(serving.asked.at(-1)?.request).toEqual({ x: [0] });
    const named = setUp({ inputs: inputs(true), signatureName: "other" });
    expect(await named.health.check()).toMatchObject({ status: "pass", synthetic: true });
    expect(asked.at(-1)).toEqual([HALF_PLUS_TWO, "other", 0]);
  });

  it("is inconclusive, and predicts nothing, when a source has no inputs or is late with them", async () => {
    const source = {
      name: "a drawer",
      synthetic: false,
      inputsFor: async () => Promise.reject(new Error("it is\nempty")),
    };
    const empty = setUp({ inputs: source });
    expect(await empty.health.check()).toMatchObject({
      status: "inconclusive",
      predictions: 0,
      output: 'it is empty; give inputs to check model "m"',
    });
    expect(empty.serving.count("predict")).toBe(0);
    const late = setUp({ inputs: { ...source, inputsFor: never }, timeoutMs: 100 });
    const report = late.health.check();
    await settle();
    late.clock.advance(100);
    expect(await report).toMatchObject({ status: "inconclusive", predictions: 0 });
    expect(late.clock.timers).toBe(0);
  });

  it("fails when a model refuses inputs that a source calls real", async () => {
    const invalid = () => Promise.reject(new ServingError("no", { code: "INVALID_ARGUMENT", kind: "invalid" }));
    const source = { name: "a drawer", synthetic: false, inputsFor: async () => ({ x: [1] }) };
    for (const [synthetic, status] of [
      [false, "fail"],
      [true, "inconclusive"],
    ] as const) {
      const { health, serving } = setUp({ inputs: { ...source, synthetic } });
      serving.predict = invalid;
      expect((await health.check()).status).toBe(status);
    }
  });

  it("sends given inputs as they are, to the version and signature it is about", async () => {
    const { health, serving } = setUp({ version: 1, signatureName: "other", inputs: { x: [1, 2, 5] } });
    expect(await health.check()).toMatchObject({ status: "pass", synthetic: false });
    expect(serving.asked.at(-2)?.request).toEqual({
      name: "m",
      version: 1,
      signatureName: "other",
      maxRetries: 0,
      batching: false,
    });
    expect(serving.asked.at(-1)?.request).toEqual({ x: [1, 2, 5] });
  });

  it("passes a label on to the prediction", async () => {
    const { health, serving } = setUp({ versionLabel: "canary" });
    await health.check();
    expect(serving.asked.find(({ operation }) => operation === "model")?.request).toEqual({
      name: "m",
      versionLabel: "canary",
      maxRetries: 0,
      batching: false,
    });
  });

  it.each([
    ["a missing output", async () => ({}), "outputs", 'output "y" is missing'],
    [
      "an output too many",
      async () => ({ y: floats([2]), z: floats([2]) }),
      "outputs",
      'output "z" is not in the signature',
    ],
    [
      "a wrong dtype",
      async () => ({ y: new Tensor("float64", [1], new Float64Array(1)) as Tensor }),
      "outputs",
      "is float64, the signature says float32",
    ],
    ["a wrong rank", async () => ({ y: floats([2], [1, 1]) }), "outputs", "has shape [1, 1], the signature says [-1]"],
    [
      "a NaN",
      async () => ({ y: floats([1, Number.NaN]) }),
      "finite",
      'output "y" has NaN at [1], 1 of 2 values are not finite',
    ],
    ["an infinity", async () => ({ y: floats([Number.NEGATIVE_INFINITY]) }), "finite", "has -Infinity at [0]"],
  ])("fails on %s", async (_what, predict, check, reason) => {
    const { health, serving } = setUp();
    serving.predict = predict as typeof serving.predict;
    const report = await health.check();
    expect(report.status).toBe("fail");
    expect(report.checks[check]).toMatchObject({ status: "fail", output: expect.stringContaining(reason) });
    expect(report.output).toContain(reason);
  });

  it("fails on an error of the server", async () => {
    const { health, serving } = setUp();
    serving.predict = () =>
      Promise.reject(new ServingError("variable is missing", { code: "FAILED_PRECONDITION", kind: "precondition" }));
    const report = await health.check();
    expect(report.checks["predicts"]?.output).toBe(
      'a prediction of model "m" failed: [FAILED_PRECONDITION] variable is missing',
    );
    expect(report.status).toBe("fail");
  });

  it("blames made-up inputs before a model that refuses them, but never given ones", async () => {
    const invalid = () =>
      Promise.reject(new ServingError("cannot decode", { code: "INVALID_ARGUMENT", kind: "invalid" }));
    const madeUp = setUp();
    madeUp.serving.predict = invalid;
    expect(await madeUp.health.check()).toMatchObject({
      status: "inconclusive",
      output: expect.stringContaining("give real inputs"),
    });
    const given = setUp({ inputs: { x: [1] } });
    given.serving.predict = invalid;
    expect((await given.health.check()).status).toBe("fail");
  });

  it("fails when the answer takes longer than maxLatencyMs", async () => {
    const { health, serving, clock } = setUp({ maxLatencyMs: 100 });
    serving.predict = async () => {
      clock.advance(101);
      return { y: floats([2]) };
    };
    const report = await health.check();
    expect(report.checks["predicts"]).toMatchObject({ status: "fail", observedValue: 101, observedUnit: "ms" });
    expect(report.output).toContain("took 101 ms, more than maxLatencyMs 100");
  });

  it("fails at its timeout when the prediction hangs", async () => {
    const { health, serving, clock } = setUp({ timeoutMs: 400 });
    serving.predict = () => never();
    const report = health.check();
    await settle();
    clock.advance(400);
    expect(await report).toMatchObject({ status: "fail", checks: { predicts: { observedValue: 400 } } });
  });

  it("does not predict while the model is not loaded", async () => {
    const { health, serving } = setUp();
    serving.status = async () => [{ version: 1, state: "LOADING" }];
    const report = await health.check();
    expect(report).toMatchObject({ status: "fail", predictions: 0 });
    expect(serving.count("predict")).toBe(0);
  });

  it("is inconclusive when no input can be made up", async () => {
    const { health, serving } = setUp();
    serving.signature = async () => ({
      ...HALF_PLUS_TWO,
      inputs: { r: { dtype: "DT_RESOURCE", shape: [], tensorName: "" } },
    });
    const report = await health.check();
    expect(report).toMatchObject({ status: "inconclusive", predictions: 0 });
    expect(report.output).toBe('input "r" is DT_RESOURCE, which cannot be made up; give inputs to check model "m"');
  });

  it("fails when the signature cannot be had", async () => {
    const { health, serving } = setUp({ signatureName: "gone" });
    serving.signature = () =>
      Promise.reject(new ServingError('no signature "gone"', { code: "NOT_FOUND", kind: "not_found" }));
    const report = await health.check();
    expect(report.checks["predicts"]).toMatchObject({
      status: "fail",
      output: expect.stringContaining('no signature "gone"'),
    });
  });

  it("answers 100 concurrent checks with one prediction", async () => {
    const { health, serving } = setUp();
    const reports = await Promise.all(Array.from({ length: 100 }, () => health.check()));
    expect(serving.count("predict")).toBe(1);
    expect(serving.count("status")).toBe(1);
    expect(reports.every(({ status, predictions }) => status === "pass" && predictions === 1)).toBe(true);
  });

  it("keeps predictions minIntervalMs apart and tells how old the last one is", async () => {
    const { health, serving, clock } = setUp();
    const first = await health.check();
    clock.advance(29_999);
    const second = await health.check();
    expect(second).toMatchObject({ predictions: 1, ageMs: 29_999, time: first.time });
    expect(second.checks["predicts"]).toEqual(first.checks["predicts"]);
    expect(second.checks["alive"]?.time).not.toBe(first.checks["alive"]?.time);
    clock.advance(1);
    expect(await health.check()).toMatchObject({ predictions: 2, ageMs: 0 });
    expect(serving.count("predict")).toBe(2);
  });

  it("sees at once that the server went away, whatever the last prediction said", async () => {
    const { health, serving } = setUp();
    await health.check();
    serving.status = () => Promise.reject(refused());
    expect(await health.check()).toMatchObject({ status: "fail", ageMs: 0, predictions: 1 });
  });

  it("keeps a failed prediction for as long as a good one", async () => {
    const { health, serving, clock } = setUp({ minIntervalMs: 1_000 });
    serving.predict = async () => ({ y: floats([Number.NaN]) });
    await health.check();
    serving.predict = async () => ({ y: floats([2]) });
    expect((await health.check()).status).toBe("fail");
    clock.advance(1_000);
    expect((await health.check()).status).toBe("pass");
  });

  it("predicts each time with minIntervalMs 0", async () => {
    const { health, serving } = setUp({ minIntervalMs: 0 });
    await health.check();
    await health.check();
    expect(serving.count("predict")).toBe(2);
  });

  it("sends no second prediction while the client still holds on to one that ran out of time", async () => {
    const { health, serving, clock } = setUp({ minIntervalMs: 0, timeoutMs: 100 });
    let letGo = () => {};
    serving.predict = () =>
      new Promise((resolve) => {
        letGo = () => resolve({ y: floats([2]) });
      });
    const first = health.check();
    await settle();
    clock.advance(100);
    await first;
    expect(await health.check()).toMatchObject({ status: "fail", predictions: 1 });
    letGo();
    await settle();
    serving.predict = async () => ({ y: floats([2]) });
    expect(await health.check()).toMatchObject({ status: "pass", predictions: 2 });
  });

  it("asks for the signature anew with each prediction: models change", async () => {
    const { health, serving } = setUp({ minIntervalMs: 0 });
    await health.check();
    await health.check();
    expect(serving.count("model")).toBe(2);
  });
});

describe("createHealthCheck", () => {
  it("names its model and level, and runs on the clock of the process", async () => {
    const health = createHealthCheck(new FakeServing().client, { model: "m", level: "loaded" });
    expect([health.model, health.level]).toEqual(["m", "loaded"]);
    const { time, ageMs } = await health.check();
    expect(Math.abs(Date.parse(time) - Date.now())).toBeLessThan(60_000);
    expect(ageMs).toBeLessThan(60_000);
  });

  it("keeps nothing of 12 000 checks but the last prediction's outcome", async () => {
    const { health, serving, clock } = setUp({ minIntervalMs: 0 });
    const checks = async () => {
      for (let i = 0; i < 2_000; i++) await health.check();
      serving.asked.length = 0;
    };
    expect(await heapGrowth(checks)).toBeLessThan(100 * 2_000);
    expect(clock.timers).toBe(0);
  });
});

describe("createHealthCheck with expect", () => {
  it("takes plain values for tensors of the signature's dtype", async () => {
    const { health, serving } = setUp({ inputs: { x: [1, 2, 5] }, expect: { y: [2.5, 3, 4.5] } });
    serving.predict = async () => ({ y: floats([2.5, 3, 4.5]) });
    const report = await health.check();
    expect(report).toMatchObject({ status: "pass", checks: { expected: { status: "pass", observedValue: 0 } } });
  });

  it("fails when a value is outside the tolerance", async () => {
    const { health, serving } = setUp({ inputs: { x: [1] }, expect: { y: [2.5] }, rtol: 1e-3 });
    serving.predict = async () => ({ y: floats([2.51]) });
    expect(await health.check()).toMatchObject({
      status: "fail",
      checks: { expected: { status: "fail" }, finite: { status: "pass" } },
    });
  });

  it("is inconclusive when the expected values do not fit the dtype", async () => {
    const { health } = setUp({ expect: { y: ["two"] } });
    const report = await health.check();
    expect(report.status).toBe("inconclusive");
    expect(report.output).toMatch(/^\[INVALID_ARGUMENT\] expect "y".*; correct expect$/);
  });

  it("asks the given function", async () => {
    const { health } = setUp({ expect: ({ y }) => (y?.data[0] === 2 ? "two is too many" : true) });
    expect(await health.check()).toMatchObject({ status: "fail", output: "expect says: two is too many" });
  });

  it("does not ask about outputs that are not the signature's", async () => {
    const { health, serving } = setUp({ expect: () => true });
    serving.predict = async () => ({});
    expect((await health.check()).checks).not.toHaveProperty("expected");
  });
});
