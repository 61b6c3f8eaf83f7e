import type { WatchSample } from "../../../../src/cli/live/watch-sample.ts";
import type { LeakGuardReport, ServerFigures } from "../../../../src/health.ts";

export function guardReport(changes: Partial<LeakGuardReport> = {}): LeakGuardReport {
  return {
    verdict: "inconclusive",
    output: "process 4711: 3 samples of memory are too few",
    fuse: { disarmed: "3 of 15 samples", alarm: false, secondsToLimit: undefined },
    step: "second",
    growthPerStep: undefined,
    bytes: 8e9,
    limitBytes: 32e9,
    secondsToLimit: undefined,
    restarts: 0,
    samples: 3,
    windows: [],
    ...changes,
  };
}

export const RUNS_AWAY = guardReport({
  verdict: "suspected",
  output: "process 4711: memory runs away, 40.0 MB a second; the limit is at most 9 min away",
  fuse: { disarmed: undefined, alarm: true, secondsToLimit: 540 },
  growthPerStep: 40e6,
  secondsToLimit: 540,
});

export const FIGURES: ServerFigures = {
  seconds: 5,
  restarted: false,
  partial: false,
  requests: 60,
  requestsPerSecond: 12,
  byStatus: { OK: 60 },
  errorRatio: 0,
  latency: { count: 60, p50Ms: 10, p90Ms: 14, p99Ms: 20 },
  runtime: undefined,
  queueing: undefined,
  batches: undefined,
};

export function watchSample(changes: Partial<WatchSample> = {}): WatchSample {
  return {
    time: "2026-01-02T03:04:05.678Z",
    elapsedMs: 192_000,
    model: "ranker",
    endpoint: "grpc://127.0.0.1:8500",
    versions: [
      { version: 47, state: "AVAILABLE" },
      { version: 46, state: "END" },
    ],
    probe: {
      state: "on",
      sent: 7,
      failed: 0,
      last: { status: "pass", output: "a prediction took 12.1 ms", latencyMs: 12.1, secondsAgo: 14 },
      secondsToNext: 16,
      latencyMs: { p50: 11, p90: 14, max: 21, count: 7 },
    },
    memory: guardReport(),
    server: FIGURES,
    ...changes,
  };
}
