import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { Chart } from "../../../../src/cli/report/chart.ts";
import { type SoakContext, soakPage } from "../../../../src/cli/report/soak-page.ts";
import type { SoakReport } from "../../../../src/health.ts";
import { leakReport, rising } from "../soak/reports.ts";

const CONTEXT: SoakContext = {
  endpoint: "grpc://127.0.0.1:8500",
  memory: "process 4711",
  options: [["--version", "47"]],
  date: new Date("2026-01-02T03:04:05Z"),
  madeBy: "tfserving 0.1.0 with Node.js v24.0.0",
};

const pageOf = (changes: Partial<SoakReport> = {}, context: Partial<SoakContext> = {}) =>
  soakPage(leakReport(changes), { ...CONTEXT, ...context });

function chartsOf(page: string): readonly Chart[] {
  const [, json = ""] = /<script type="application\/json" id="charts">(.*?)<\/script>/s.exec(page) ?? [];
  return (JSON.parse(json) as { charts: readonly Chart[] }).charts;
}

/** The elements of a page without the bodies of its style and its scripts. */
const tagsOf = (page: string) => page.replace(/<(style|script)\b[^>]*>.*?<\/\1>/gs, "<$1>");

describe("soakPage", () => {
  it("says the verdict and its reasons in words, the figures, the rule, the options, and who made it", () => {
    const page = tagsOf(pageOf());
    for (const text of [
      "<strong>Leak</strong>",
      "leaks 50.0 MB a prediction",
      "or raise --fuse",
      "100 in 10 s, 2 failed",
      "8.00 GB at first, 13.0 GB at last (+5.00 GB)",
      "50.0 MB a prediction, surely from 49.0 MB to 51.0 MB; suspected after 20",
      "p50 12.0 ms",
      "process 4711",
      "predictions 10 to 54, and predictions 55 to 100",
      '<th scope="row">--version</th><td>47</td>',
      "grpc://127.0.0.1:8500, 2026-01-02T03:04:05.000Z, tfserving 0.1.0 with Node.js v24.0.0",
    ]) {
      expect(page).toContain(text);
    }
  });

  it.each([
    ["leak", "bad", "Leak"],
    ["suspected", "careful", "Suspected of a leak"],
    ["stable", "good", "Stable"],
    ["inconclusive", "careful", "Inconclusive"],
  ] as const)("shows %s as %s", (verdict, tone, words) => {
    expect(tagsOf(pageOf({ verdict }))).toContain(
      `<div class="verdict ${tone}" role="status">\n<strong>${words}</strong>`,
    );
  });

  it("names no resource outside, and allows itself its own program and style alone", () => {
    const page = pageOf();
    expect(tagsOf(page)).not.toMatch(
      /\b(src|href|action|srcset|style|on\w+)=|url\(|@import|<link|<base|<iframe|<object/i,
    );
    const policy =
      /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll("&#39;", "'") ?? "";
    const hashOf = (text = "") => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
    expect(policy.split("; ")).toEqual([
      "default-src 'none'",
      `script-src ${hashOf(/<script>(.*?)<\/script>/s.exec(page)?.[1])}`,
      `style-src ${hashOf(/<style>(.*?)<\/style>/s.exec(page)?.[1])}`,
      "base-uri 'none'",
      "form-action 'none'",
    ]);
    // Before anything that it is about.
    expect(page.indexOf("Content-Security-Policy")).toBeLessThan(page.indexOf("<title>"));
  });

  it("carries the licence of the library that it carries", () => {
    expect(pageOf()).toContain("Copyright (c) 2022 Leon Sorokin");
    expect(pageOf()).toContain("Permission is hereby granted, free of charge");
  });

  it("escapes everything that others have named", () => {
    const evil = `</script><script>alert(1)</script><img src=x onerror=alert(1)>`;
    const page = pageOf(
      { model: evil, output: evil },
      { endpoint: evil, memory: evil, options: [[evil, evil]], madeBy: evil },
    );
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page).not.toContain("<img");
  });

  it("gives the program memory with the fitted line in the windows, latency and rate", () => {
    const [memory, latency, rate] = chartsOf(pageOf());
    expect(memory).toMatchObject({
      id: "memory",
      y: "bytes",
      bands: [
        { from: 10, to: 54 },
        { from: 55, to: 100 },
      ],
    });
    const [bytes, fitted] = memory?.series ?? [];
    expect(bytes?.values).toHaveLength(101);
    expect(fitted?.values.slice(8, 12)).toEqual([null, null, 8.5e9, 8.55e9]);
    expect(fitted?.values.at(-1)).toBe(13e9);
    expect(latency?.series.map(({ label }) => label)).toEqual(["slowest", "p90", "p50"]);
    expect(latency?.series.map(({ values }) => values.at(-1))).toEqual([29, 27, 19]);
    expect(rate?.series[0]?.values.at(-1)).toBeCloseTo(10);
  });

  it("draws the limit where it is near, and says so where it is not", () => {
    const near = chartsOf(pageOf({ limitBytes: 16e9 }))[0];
    expect(near?.series.at(-1)).toMatchObject({ label: "limit", dashed: true });
    expect(near?.text).toContain("At most 81 % of the limit of 16.0 GB were in use.");
    const far = chartsOf(pageOf())[0];
    expect(far?.series.map(({ label }) => label)).toEqual(["memory", "fitted line"]);
    expect(far?.text).toContain("It lies above this chart.");
    expect(chartsOf(pageOf({ limitBytes: undefined }))[0]?.text).toContain("No limit is known.");
  });

  it("draws no chart of less than two points, and about a thousand of many", () => {
    const none = pageOf({ samples: [], windows: [], verdict: "inconclusive" });
    expect(chartsOf(none)).toEqual([]);
    expect(none).not.toContain("<figure");
    const [memory] = chartsOf(pageOf({ samples: rising(10_001), windows: [] }));
    expect(memory?.xs).toHaveLength(911);
    expect(memory?.xs.at(-1)).toBe(10_000);
    expect(pageOf({ samples: rising(10_001), windows: [] }).length).toBeLessThan(200_000);
  });
});
