import { describe, expect, it } from "vitest";
import type { WatchSample } from "../../../../src/cli/live/watch-sample.ts";
import type { Chart } from "../../../../src/cli/report/chart.ts";
import { watchPage } from "../../../../src/cli/report/watch-page.ts";
import { FIGURES, guardReport, RUNS_AWAY, watchSample } from "../live/samples.ts";

const CONTEXT = { options: [], date: new Date("2026-01-02T03:04:05Z"), madeBy: "tfserving 0.1.0" };

function chartsOf(page: string): readonly Chart[] {
  const [, json = ""] = /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page) ?? [];
  return (JSON.parse(json) as { charts: readonly Chart[] }).charts;
}

const over = (seconds: number, at: (second: number) => Partial<WatchSample>) =>
  Array.from({ length: seconds }, (_, second) => watchSample({ elapsedMs: second * 1_000, ...at(second) }));

describe("watchPage", () => {
  it("tells a leak, with memory over time, the fitted line, and the way to the limit", () => {
    const windows = [{ fromSecondsAgo: 60, toSecondsAgo: 0, startBytes: 9e9, endBytes: 12e9 }];
    const samples = over(100, (second) => ({ memory: { ...RUNS_AWAY, bytes: 8e9 + 40e6 * second, windows } }));
    const page = watchPage(samples, CONTEXT);
    expect(page).toContain("<strong>Suspected of a leak</strong>");
    expect(page).toContain("memory runs away, 40.0 MB a second; the limit is at most 9 min away");
    expect(page).toContain("8.00 GB at first, 12.0 GB at last");
    expect(page).toContain("alarm: memory runs away");
    const [memory, latency, rate] = chartsOf(page);
    expect(memory).toMatchObject({ bands: [{ from: 39, to: 99 }], x: "seconds" });
    expect(memory?.series[1]?.values.slice(38, 40)).toEqual([null, 9e9]);
    expect(memory?.series[1]?.values.at(-1)).toBe(12e9);
    expect(latency?.series.map(({ label }) => label)).toEqual([
      "probes, slowest",
      "probes, p90",
      "probes, p50",
      "server, p99",
      "server, p50",
    ]);
    expect(rate?.series.map(({ values }) => values.at(-1))).toEqual([12, 0]);
  });

  it("draws only what was looked at", () => {
    const samples = over(10, () => ({ probe: { state: "off", sent: 0, failed: 0 } })).map(
      ({ memory: _memory, server: _server, ...rest }) => rest,
    );
    const page = watchPage(samples, CONTEXT);
    expect(chartsOf(page)).toEqual([]);
    expect(page).toContain("<strong>Served</strong>");
    expect(page).toContain("switched off");
  });

  it.each<[string, Partial<WatchSample>, string]>([
    [
      "fails",
      { probe: { state: "on", sent: 1, failed: 1, last: { status: "fail", output: "late", secondsAgo: 1 } } },
      "Predictions fail",
    ],
    ["is not served", { versions: [{ version: 1, state: "END" }] }, "Not served"],
    ["is stable", { memory: guardReport({ verdict: "stable" }) }, "Stable"],
    ["leaks", { memory: guardReport({ verdict: "leak" }) }, "Leak"],
  ])("says that a model %s", (_what, changes, verdict) => {
    expect(watchPage([watchSample(changes)], CONTEXT)).toContain(`<strong>${verdict}</strong>`);
  });

  it("tells what went wrong on the way, each thing once and when it was first seen", () => {
    const { versions: _versions, ...down } = watchSample({
      time: "2026-01-02T03:04:06Z",
      statusError: "down for 5 ms",
    });
    const page = watchPage([watchSample(), down, { ...down, statusError: "down for 6 ms" }], CONTEXT);
    expect(page).toContain("<strong>Not reachable</strong>");
    expect(page.match(/<td>down for/g)).toHaveLength(2);
    expect(page).toContain('<tr><th scope="row">2026-01-02T03:04:06Z</th><td>down for 5 ms</td></tr>');
  });

  it("escapes what the server said", () => {
    const evil = "</script><script>alert(1)</script>";
    const page = watchPage(
      [
        watchSample({
          model: evil,
          endpoint: evil,
          versions: [{ version: 1, state: "END", error: { code: "INTERNAL", message: evil } }],
          serverError: evil,
          server: FIGURES,
        }),
      ],
      CONTEXT,
    );
    expect(page.match(/<script/g)).toHaveLength(2);
  });

  it("says that nothing was seen where that is so", () => {
    expect(watchPage([], CONTEXT)).toContain("<strong>Nothing seen</strong>");
  });
});
