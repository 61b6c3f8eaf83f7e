import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { createHealthCheck, randomInputs, warmUpInputs } from "../../../src/health.ts";
import { createClient, type ServingClient } from "../../../src/index.ts";
import { createTestServer, type Fault, halfPlusTwo, type TestServer } from "../../../src/testing.ts";
import { unstalledMs } from "../../faults/lab/stalls.ts";
import { predictLog, tfRecords } from "../grpc/warm-up/tf-records.ts";

/** A check that hangs is told from one that a busy machine held up; `npm run soak -- health` measures the promise of 50 ms. */
const SLACK_MS = 2_000;
const TIMEOUT_MS = 150;
/** Where something else ends it, which it has to come to first. */
const LONG_MS = 10_000;

describe.each(["grpc", "rest"] as const)("createHealthCheck over %s", (wire) => {
  let server: TestServer;
  let client: ServingClient;

  beforeAll(async () => {
    server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    client = createClient(wire === "grpc" ? server.grpcAddress : server.restAddress);
  });
  afterEach(() => server.reset());
  afterAll(async () => {
    await client.close();
    await server.close();
  });

  it("passes at each level", async () => {
    for (const level of ["alive", "loaded", "predicts"] as const) {
      const report = await createHealthCheck(client, { model: "half_plus_two", level }).check();
      expect(report, report.output).toMatchObject({ status: "pass", level });
    }
  });

  it("compares a given example with expected values", async () => {
    const about = { model: "half_plus_two", inputs: { x: [1, 2, 5] } };
    expect((await createHealthCheck(client, { ...about, expect: { y: [2.5, 3, 4.5] } }).check()).status).toBe("pass");
    expect((await createHealthCheck(client, { ...about, expect: { y: [2.5, 3, 4.6] } }).check()).status).toBe("fail");
  });

  it("predicts with random inputs, and with those of a warm-up file", async () => {
    const about = { model: "half_plus_two" };
    const random = await createHealthCheck(client, { ...about, inputs: randomInputs({ seed: 7 }) }).check();
    expect(random).toMatchObject({ status: "pass", synthetic: true });
    expect(random.output).toContain("(random inputs, seed 7)");
    const folder = mkdtempSync(join(tmpdir(), "tfserving-health-"));
    try {
      const path = join(folder, "requests");
      writeFileSync(path, tfRecords([predictLog("other", 1), predictLog("", 5)]));
      const recorded = { ...about, inputs: warmUpInputs(path), expect: { y: [4.5] } };
      const report = await createHealthCheck(client, recorded).check();
      expect(report, report.output).toMatchObject({ status: "pass", synthetic: false });
      expect(report.checks["predicts"]?.output).toContain(`(warm-up file ${path})`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("sends one prediction for 100 checks at a time", async () => {
    const health = createHealthCheck(client, { model: "half_plus_two" });
    await Promise.all(Array.from({ length: 100 }, () => health.check()));
    expect(server.calls.filter((call) => call.operation === "predict")).toHaveLength(1);
  });

  const faults: readonly [string, Fault, string][] = [
    ["hangs", { hang: true }, "no answer within"],
    ["resets the connection", { reset: true }, "is the server running"],
    ["refuses everything", { code: "UNAUTHENTICATED", message: "no token" }, "check the credentials"],
    ["fails", { code: "INTERNAL", message: "out of order" }, "out of order"],
  ];
  it.each(faults)("fails in time at each level when the server %s", async (_what, fault, reason) => {
    server.inject(fault);
    for (const level of ["alive", "loaded", "predicts"] as const) {
      const timeoutMs = "hang" in fault ? TIMEOUT_MS : LONG_MS;
      const tookMs = await unstalledMs(async () => {
        const report = await createHealthCheck(client, { model: "half_plus_two", level, timeoutMs }).check();
        expect(report.status).toBe("fail");
        expect(report.output).toContain(reason);
      });
      expect(tookMs).toBeLessThan(timeoutMs + SLACK_MS);
    }
  });

  it.each(faults)("fails in time when the server %s in predictions alone", async (_what, fault, reason) => {
    server.inject({ ...fault, operation: "predict" });
    // Time for what comes before the prediction.
    const timeoutMs = "hang" in fault ? 1_000 : LONG_MS;
    const tookMs = await unstalledMs(async () => {
      const report = await createHealthCheck(client, { model: "half_plus_two", timeoutMs }).check();
      expect(report).toMatchObject({ status: "fail", predictions: 1, checks: { loaded: { status: "pass" } } });
      expect(report.output).toContain(reason);
    });
    expect(tookMs).toBeLessThan(timeoutMs + SLACK_MS);
  });

  it("names the reason when loading ended in an error", async () => {
    server.setVersionState("half_plus_two", 1, "END", { code: "UNKNOWN", message: "no such file: variables" });
    const report = await createHealthCheck(client, { model: "half_plus_two", level: "loaded" }).check();
    expect(report.output).toBe(
      'model "half_plus_two" version 1 is END, it failed to load: [UNKNOWN] no such file: variables; repair it and load it anew',
    );
  });

  it("fails for a version and a label that are not there, and calls the server alive", async () => {
    for (const choice of [{ version: 7 }, { versionLabel: "stable" }]) {
      const report = await createHealthCheck(client, { model: "half_plus_two", level: "loaded", ...choice }).check();
      expect(report).toMatchObject({ status: "fail", checks: { alive: { status: "pass" } } });
    }
    const unknown = await createHealthCheck(client, { model: "none", level: "alive" }).check();
    expect(unknown.status).toBe("pass");
  });

  it("is inconclusive, not failed, once its client is closed", async () => {
    const closing = createClient(client.endpoint);
    const health = createHealthCheck(closing, { model: "half_plus_two", level: "alive" });
    await closing.close();
    expect((await health.check()).status).toBe("inconclusive");
  });
});
