import { describe, expect, it } from "vitest";
import { adviceOf, figuresOf, printSoak } from "../../../../src/cli/soak/print-soak.ts";
import { recordOutput } from "../record-output.ts";
import { leakReport } from "./reports.ts";

describe("printSoak", () => {
  it("prints the verdict first, then the figures, within 80 columns", () => {
    const { output, out } = recordOutput();
    printSoak(output, leakReport());
    const lines = out().split("\n");
    expect(lines[0]).toMatch(/^leak: model "ranker" leaks/);
    expect(out()).toContain("  memory       8.00 GB at first, 13.0 GB at last (+5.00 GB)\n");
    expect(out()).toContain("  limit        32.0 GB, at most 380 predictions away, 38 s at this pace\n");
    for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  });

  it("leaves out what is not known", () => {
    const unknown = {
      startBytes: undefined,
      bytesPerPrediction: undefined,
      limitBytes: undefined,
      latencyMs: undefined,
    };
    expect(figuresOf(leakReport({ ...unknown, end: "memory", synthetic: false }))).toEqual([
      ["predictions", "100 in 10 s, 2 failed, stopped: memory cannot be read"],
    ]);
  });

  it("has the server's figures where its page was read", () => {
    const server = {
      seconds: 10,
      restarted: false,
      partial: false,
      requests: 1_200,
      requestsPerSecond: 120,
      byStatus: {},
      errorRatio: 0.02,
      latency: { count: 1_200, p50Ms: 10, p90Ms: 12, p99Ms: 20 },
      runtime: undefined,
      queueing: undefined,
      batches: undefined,
    };
    expect(figuresOf(leakReport({ server })).at(-1)).toEqual([
      "server",
      "1,200 requests, 120/s, 2.0 % errors, p50 10.0 ms, p99 20.0 ms",
    ]);
  });
});

describe("adviceOf", () => {
  it("names options as the command line does, and steers no terminal", () => {
    expect(adviceOf(leakReport({ output: "raise fuseBytes\u001b[2J" }))).toBe("raise --fuse [2J");
  });
});
