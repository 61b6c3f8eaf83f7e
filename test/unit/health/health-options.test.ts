import { describe, expect, it } from "vitest";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import { createHealthCheck } from "../../../src/health/health-check.ts";
import type { HealthCheckOptions } from "../../../src/health/health-options.ts";
import { FakeServing } from "./fake-serving.ts";

const refusal = (options: unknown, client: unknown = new FakeServing().client): unknown => {
  try {
    createHealthCheck(client as ServingClient, options as HealthCheckOptions);
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("createHealthCheck", () => {
  it.each([
    [{}, "model must be the name of a model, got undefined"],
    [{ model: "" }, 'model must be the name of a model, got ""'],
    [
      { model: "m", level: "ready" },
      'level must be "connect" or "alive" or "loaded" or "predicts" or "stable", got "ready"',
    ],
    [{ model: "m", versoin: 1 }, 'no option is called "versoin"; did you mean "version"?'],
    [{ model: "m", version: 1, versionLabel: "a" }, "version and versionLabel exclude each other"],
    [{ model: "m", version: 1.5 }, "version must be a whole number from 0, got 1.5"],
    [{ model: "m", version: -1n }, "version must be a whole number from 0, got -1n"],
    [{ model: "m", versionLabel: "" }, "versionLabel must be a text that is not empty"],
    [
      { model: "m", level: "loaded", inputs: { x: [1] } },
      'inputs has an effect only at level "predicts", the level is "loaded"',
    ],
    [{ model: "m", level: "alive", minIntervalMs: 1 }, 'minIntervalMs has an effect only at level "predicts"'],
    [
      { model: "m", inputs: [1] },
      "inputs must be an object of inputs by name, randomInputs() or warmUpInputs(), got an array",
    ],
    [{ model: "m", expect: 3 }, "expect must be an object of outputs by name, or a function, got 3"],
    [{ model: "m", expect: {} }, "expect names no output"],
    [{ model: "m", expect: { y: 1 }, rtol: -1 }, "rtol must be a number from 0, got -1"],
    [{ model: "m", expect: { y: 1 }, atol: Number.NaN }, "atol must be a number from 0, got NaN"],
    [{ model: "m", timeoutMs: 0 }, "timeoutMs must be milliseconds from 1, got 0"],
    [{ model: "m", minIntervalMs: -1 }, "minIntervalMs must be milliseconds from 0, got -1"],
  ])("refuses %o", (options, message) => {
    const error = refusal(options);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as Error).message).toContain(`createHealthCheck: ${message}`);
  });

  it("refuses what is no client", () => {
    expect(refusal({ model: "m" }, {})).toMatchObject({
      message: "createHealthCheck: the first argument must be a client made by createClient(), got an object",
    });
  });

  it("refuses tolerances that nothing is compared with", () => {
    expect(refusal({ model: "m", rtol: 0.1 })).toMatchObject({
      message: "createHealthCheck: rtol has an effect only with expected values: give expect",
    });
  });

  it("takes an endless timeout", () => {
    expect(refusal({ model: "m", timeoutMs: Number.POSITIVE_INFINITY })).toBeUndefined();
  });
});
