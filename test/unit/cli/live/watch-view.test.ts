import { describe, expect, it } from "vitest";
import type { WatchSample } from "../../../../src/cli/live/watch-sample.ts";
import { drawWatch } from "../../../../src/cli/live/watch-view.ts";
import { openTerminal } from "../../../../src/cli/terminal.ts";
import { guardReport, RUNS_AWAY, watchSample } from "./samples.ts";

const plain = (_style: string, text: string) => text;
const draw = (samples: readonly WatchSample[], columns = 80) =>
  drawWatch(samples, columns, plain).map((line) => line.trimEnd());

/** Memory that runs away, a sample a second. */
const LEAKING = Array.from({ length: 100 }, (_, second) =>
  watchSample({ elapsedMs: second * 1_000, memory: { ...RUNS_AWAY, bytes: 8e9 + 40e6 * second } }),
);

describe("drawWatch", () => {
  it("draws everything that there is to know", () => {
    const steady = Array.from({ length: 3 }, (_, second) => watchSample({ elapsedMs: 190_000 + second * 1_000 }));
    expect(draw(steady)).toEqual([
      "ranker  grpc://127.0.0.1:8500  03:04:05 UTC, watching for 3 min 12 s",
      "",
      "versions   47 AVAILABLE",
      "           46 END",
      "probe      pass 12.1 ms, 14 s ago; 7 sent; next in 16 s",
      "latency    p50 11.0 ms  p90 14.0 ms  slowest 21.0 ms  of 7 probes",
      "server     12.0/s  0 % errors  p50 10.0 ms  p90 14.0 ms  p99 20.0 ms",
      "memory     8.00 GB of 32.0 GB (25 %)",
      "           ▁▁▁",
      "           8.00 GB to 8.00 GB in the last 2 s",
      "verdict    inconclusive: process 4711: 3 samples of memory are too few",
      "",
      "Ctrl+C ends",
    ]);
  });

  it("shows the slope, the time to the limit, and breaks a long verdict between words", () => {
    const lines = draw(LEAKING);
    expect(lines).toContain("memory     12.0 GB of 32.0 GB (37 %)");
    expect(lines).toContain("growth     +40.0 MB a second, limit in 9 min at most");
    expect(lines).toContain("           9.24 GB to 12.0 GB in the last 1 min 8 s");
    const [first = "", second = ""] = lines.slice(lines.findIndex((line) => line.startsWith("verdict")));
    expect(first).toMatch(/^verdict {4}suspected: process 4711: memory runs away/);
    expect(second).toMatch(/^ {11}\S.* away$/);
  });

  it.each([20, 40, 80, 200])("draws no line wider than %i columns, colours or not", (columns) => {
    const evil = "x".repeat(300);
    const samples = [
      ...LEAKING,
      watchSample({
        model: evil,
        versions: [{ version: 1n, state: "END", error: { code: "INTERNAL", message: evil } }],
      }),
    ];
    const { paint } = openTerminal({ isTTY: true, write: () => {} }, { FORCE_COLOR: "1" });
    for (const lines of [drawWatch(samples, columns, plain), drawWatch(samples, columns, paint)]) {
      for (const line of lines) {
        const seen = line.replace(/\u001b\[\d+m/g, "");
        expect([...seen].length, seen).toBeLessThanOrEqual(columns);
      }
    }
  });

  it("says why there is no status, no memory, no answer", () => {
    const { versions: _versions, server: _server, ...rest } = watchSample();
    const lines = draw([
      {
        ...rest,
        statusError: "[UNAVAILABLE] no connection",
        probe: { state: "on", sent: 1, failed: 0 },
        serverError: "answered 404",
        memory: guardReport({ bytes: undefined, output: "process 1: there is no such process" }),
      },
    ]);
    expect(lines).toContain("versions   [UNAVAILABLE] no connection");
    expect(lines).toContain("probe      1 sent, no answer yet");
    expect(lines).toContain("server     answered 404");
    expect(lines).toContain("memory     process 1: there is no such process");
  });

  it("says that probes are paused, and why they fail", () => {
    const { last } = watchSample().probe;
    const probe = { state: "paused", sent: 3, failed: 1 } as const;
    const failed = { ...last, status: "fail", output: "no answer within 5000 ms", secondsAgo: 2 } as const;
    const lines = draw([watchSample({ probe: { ...probe, last: failed } })]);
    expect(lines).toContain("probe      fail 12.1 ms, 2 s ago; 3 sent, 1 failed; paused, not to feed a leak");
    expect(lines).toContain("           no answer within 5000 ms");
  });

  it("keeps versions that ended behind those that are served, and no more than six", () => {
    const ended = Array.from({ length: 9 }, (_, version) => ({ version: 20 - version, state: "END" }) as const);
    const lines = draw([watchSample({ versions: [...ended, { version: 3, state: "AVAILABLE" }] })]);
    expect(lines.slice(2, 4)).toEqual(["versions   3 AVAILABLE", "           20 END"]);
    expect(lines[8]).toBe("           and 4 more");
  });

  it("lets no text of the server steer the terminal", () => {
    const lines = drawWatch([watchSample({ model: "a\u001b[2J\u202eb" })], 80, plain);
    expect(lines.join("")).not.toMatch(/[\u001b\u202e]/);
  });

  it("draws nothing before there is anything", () => {
    expect(draw([])).toEqual([]);
  });
});
