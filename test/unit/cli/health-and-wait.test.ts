import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestServer, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { runMain as run, runMainWith } from "./record-output.ts";

let server: TestServer;
let addresses: Record<"grpc" | "rest", string>;
const HALF = ["-m", "half_plus_two"];
const NOBODY = { grpc: "grpc://127.0.0.1:1", rest: "http://127.0.0.1:1" };

beforeAll(async () => {
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
  addresses = { grpc: server.grpcAddress, rest: server.restAddress };
});
afterAll(() => server.close());

describe.each(["grpc", "rest"] as const)("tfserving health over %s", (wire) => {
  const health = (...args: string[]) => run("health", addresses[wire], ...HALF, ...args);

  it.each([
    ["connect", ["connect"]],
    ["alive", ["alive"]],
    ["loaded", ["alive", "loaded"]],
    ["predicts", ["alive", "loaded", "predicts"]],
  ])("looks as deep as %s and no deeper", async (level, names) => {
    // A second is the default of the shallow levels: enough for a server, and not for a test on a loaded machine.
    const { code, out } = await health("--level", level, "--timeout", "20000", "--json");
    const report = JSON.parse(out);
    expect([code, report.status, report.level]).toEqual([0, "pass", level]);
    expect(Object.keys(report.checks)).toEqual(expect.arrayContaining(names));
    expect("loaded" in report.checks).toBe(names.includes("loaded"));
    expect((await run("health", NOBODY[wire], ...HALF, "--level", level)).code).toBe(2);
  });

  it("makes inputs at random, by a seed", async () => {
    const { code, out } = await health("--random", "7", "--json");
    expect([code, JSON.parse(out).synthetic]).toEqual([0, true]);
  });

  it("fails a prediction that is too slow or too far off", async () => {
    const expected = ["-i", "x=[1]", "--expect", "y=[2.6]", "--timeout", "20000"];
    expect((await health(...expected)).code).toBe(4);
    expect((await health(...expected, "--atol", "0.2")).code).toBe(0);
    expect((await health(...expected, "--rtol", "0.2")).code).toBe(0);
  });

  it("leaves out of its settings what has no effect at the level, and refuses that on the command line", async () => {
    const env = { TFS_SIGNATURE: "none" };
    expect(
      (await runMainWith(env, "health", addresses[wire], ...HALF, "--level", "loaded", "--timeout", "20000")).code,
    ).toBe(0);
    const typed = await health("--level", "loaded", "--signature", "none");
    expect([typed.code, typed.complaints]).toEqual([1, expect.stringContaining('only at level "predicts"')]);
  });

  it.each([
    [["--level", "stable"], "memory"],
    [["--memory-pid", "1"], 'memory has an effect only at level "stable"'],
    [["--random", "1", "-i", "x=1"], "--input, --random and --warm-up exclude each other"],
    [["--random", "-1"], "a seed is a whole number"],
    [["--atol", "x"], "it is a number from 0."],
    [["--atol", "1"], "atol has an effect only with expected values"],
  ])("refuses %j", async (args, message) => {
    const { code, out, complaints } = await health(...args);
    expect(complaints).toContain(message);
    expect([code, out]).toEqual([1, ""]);
  });

  it("ends with 5 when the inputs cannot be read", async () => {
    expect((await health("--warm-up", "/none")).code).toBe(5);
  });

  it.runIf(existsSync("/proc/self/status"))("judges the memory of a process at level stable", async () => {
    const child = spawn(process.execPath, ["--eval", "setInterval(() => {}, 1000)"]);
    const { code, out } = await health("--level", "stable", "--memory-pid", String(child.pid), "-n", "20", "--json");
    child.kill();
    const report = JSON.parse(out);
    expect(report.checks.stable).toBeDefined();
    expect(report.predictions).toBeGreaterThan(0);
    // Twenty predictions can only raise suspicion: a process at rest is not judged by them.
    expect([code, report.status]).toEqual([5, "inconclusive"]);
  });
});

describe.each(["grpc", "rest"] as const)("tfserving wait over %s", (wire) => {
  it.each(["connect", "alive", "loaded", "predicts"])("ends with 0 when %s is so", async (level) => {
    const { code, out } = await run("wait", addresses[wire], ...HALF, "--level", level, "--json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ model: "half_plus_two", level, waitedMs: expect.any(Number) });
  });

  it.each(["connect", "alive", "loaded", "predicts"])("ends with 2 when nobody is there for %s", async (level) => {
    const { code, complaints } = await run("wait", NOBODY[wire], ...HALF, "--level", level, "--timeout", "1000");
    expect([code, complaints]).toEqual([2, expect.stringContaining("127.0.0.1:1")]);
  });

  it("ends with 4 when somebody is there and the model is not", async () => {
    const { code, complaints } = await run("wait", addresses[wire], "-m", "none", "--timeout", "250", "--json");
    expect(code).toBe(4);
    expect(JSON.parse(complaints)).toMatchObject({
      error: { exitCode: 4, exit: "unhealthy", code: "DEADLINE_EXCEEDED" },
    });
  });

  it("ends with 4 when the model is loaded and does not predict", async () => {
    const predicts = ["--level", "predicts", "--signature", "none", "--timeout", "2000"];
    const { code, complaints } = await run("wait", addresses[wire], ...HALF, ...predicts);
    expect([code, complaints]).toEqual([4, expect.stringContaining("none")]);
  });

  it("takes no timeout from settings: that is one of a call", async () => {
    expect((await runMainWith({ TFS_TIMEOUT_MS: "1" }, "wait", addresses[wire], ...HALF)).code).toBe(0);
  });
});

it("tfserving wait goes on until a model that comes late is there", async () => {
  server.setVersionState("half_plus_two", 1, "LOADING");
  const asked = server.calls.length;
  const waiting = run("wait", addresses.grpc, ...HALF);
  while (server.calls.length === asked) await new Promise((resolve) => setImmediate(resolve));
  server.setVersionState("half_plus_two", 1, "AVAILABLE");
  expect(await waiting).toEqual({ code: 0, out: "half_plus_two version 1 is AVAILABLE", complaints: "" });
});
