import type { SoakReport, SoakSample } from "../../../../src/health.ts";

/** Readings of memory that rises by 50 MB with each prediction, a prediction every 100 ms. */
export function rising(count: number, each = 50e6): SoakSample[] {
  return Array.from({ length: count }, (_, predictions) => ({
    predictions,
    atMs: predictions * 100,
    bytes: 8e9 + each * predictions,
    latencyMs: predictions === 0 ? undefined : 10 + (predictions % 20),
  }));
}

/** What a soak of a leaking model finds. */
export function leakReport(changes: Partial<SoakReport> = {}): SoakReport {
  const samples = rising(101);
  return {
    verdict: "leak",
    output: 'model "ranker" leaks 50.0 MB a prediction: keep it from traffic, or raise fuseBytes',
    model: "ranker",
    end: "done",
    predictions: 100,
    failures: 2,
    synthetic: true,
    suspectedAfter: 20,
    bytesPerPrediction: 50e6,
    leastBytesPerPrediction: 49e6,
    mostBytesPerPrediction: 51e6,
    bytesPerSecond: 500e6,
    startBytes: 8e9,
    endBytes: 13e9,
    growthBytes: 5e9,
    noiseBytes: 16e6,
    limitBytes: 32e9,
    predictionsToLimit: 380,
    secondsToLimit: 38,
    durationMs: 10_000,
    latencyMs: { p50: 12, p90: 20, p99: 28, max: 29 },
    server: undefined,
    samples,
    windows: [
      { first: 10, last: 54, startBytes: 8.5e9, endBytes: 10.7e9 },
      { first: 55, last: 100, startBytes: 10.75e9, endBytes: 13e9 },
    ],
    ...changes,
  };
}
