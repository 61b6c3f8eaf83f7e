import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { PrometheusSample } from "../../../../src/health/memory/parse-prometheus-line.ts";
import { PrometheusScanner, SCAN_LIMITS, type ScanLimits } from "../../../../src/health/memory/prometheus-scanner.ts";
import { cpuTimeMs } from "../../../faults/lab/cpu-time.ts";

function scan(
  page: string | Uint8Array,
  options: { limits?: Partial<ScanLimits>; pieces?: number; wanted?: string } = {},
) {
  const samples: PrometheusSample[] = [];
  const wanted = (name: string) => options.wanted === undefined || name === options.wanted;
  const scanner = new PrometheusScanner(wanted, (sample) => samples.push(sample), {
    ...SCAN_LIMITS,
    ...options.limits,
  });
  const bytes = Buffer.from(page);
  const size = options.pieces ?? bytes.length;
  for (let at = 0; at < bytes.length; at += size) if (!scanner.push(bytes.subarray(at, at + size))) break;
  return { samples, report: scanner.end() };
}

const fixture = (name: string) => readFileSync(new URL(`../../../fixtures/metrics/${name}.txt`, import.meta.url));

describe("PrometheusScanner", () => {
  it.each([
    ["tfserving", 204],
    ["cadvisor", 11],
    ["node-exporter", 9],
    ["kubelet-resource", 6],
  ])("reads a page of %s whole, in pieces of any size", (name, count) => {
    const whole = scan(fixture(name));
    expect(whole.report.partial).toBe(false);
    expect(whole.samples.length).toBe(count);
    for (const pieces of [1, 7, 1_000]) expect(scan(fixture(name), { pieces }).samples).toEqual(whole.samples);
  });

  it("takes names that begin with a colon, and braces without labels", () => {
    const { samples } = scan(fixture("tfserving"), { wanted: ":tensorflow:core:graph_runs" });
    expect(samples).toEqual([{ name: ":tensorflow:core:graph_runs", labels: {}, value: 1204, timeMs: undefined }]);
  });

  it("reads a label over the end of its line, so that no name of a model passes for a sample", () => {
    const { samples, report } = scan(fixture("tfserving"), { wanted: ":tensorflow:serving:request_count" });
    expect(samples).toHaveLength(4);
    expect(samples[3]?.labels["model_name"]).toBe('no such\nmodel_name="ranker",status="OK"} 99');
    expect(samples[3]?.value).toBe(3);
    expect(report.brokenLines).toBe(0);
  });

  it("keeps escapes, timestamps, NaN and infinities", () => {
    const page =
      'a{b="\\"x\\" \\\\ \\n \\q"} +Inf 1700000000000\nc -Inf\nd NaN\ne 1.5e3 # {trace="1"} 2\n f{ g = "h" , } 1\n';
    expect(scan(page).samples).toEqual([
      { name: "a", labels: { b: '"x" \\ \n \\q' }, value: Number.POSITIVE_INFINITY, timeMs: 1_700_000_000_000 },
      { name: "c", labels: {}, value: Number.NEGATIVE_INFINITY, timeMs: undefined },
      { name: "d", labels: {}, value: Number.NaN, timeMs: undefined },
      { name: "e", labels: {}, value: 1500, timeMs: undefined },
      { name: "f", labels: { g: "h" }, value: 1, timeMs: undefined },
    ]);
  });

  it("reads the last line without an end, and lines that end as on Windows", () => {
    expect(scan("a 1\r\nb 2").samples.map(({ name, value }) => [name, value])).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  it.each(["a", "a{", 'a{b="c', 'a{b="c"', 'a{b="c"}', "a{b} 1", "a 0x10", "a ten", "{} 1", 'a{b="c" d="e"} 1', "a1"])(
    "counts a broken line and goes on: %s",
    (line) => {
      const { samples, report } = scan(`${line}\n`);
      expect(samples).toEqual([]);
      expect(report).toMatchObject({ partial: true, brokenLines: 1 });
    },
  );

  it("keeps names of labels off the prototype", () => {
    const [sample] = scan('a{__proto__="x",constructor="y"} 1\n').samples;
    expect(Object.getPrototypeOf(sample?.labels)).toBeNull();
    expect(Object.entries(sample?.labels ?? {})).toEqual([
      ["__proto__", "x"],
      ["constructor", "y"],
    ]);
    expect(({} as Record<string, unknown>)["x"]).toBeUndefined();
  });

  it("leaves out a line that is too long, and reads the next", () => {
    const { samples, report } = scan(`a{b="${"x".repeat(70_000)}"} 1\nc 2\n`);
    expect(samples.map(({ name }) => name)).toEqual(["c"]);
    expect(report).toMatchObject({ partial: true, longLines: 1 });
  });

  it("leaves out a line with more than 64 labels", () => {
    const labels = (count: number) => Array.from({ length: count }, (_, i) => `l${i}="v"`).join(",");
    expect(scan(`a{${labels(64)}} 1\n`).samples).toHaveLength(1);
    expect(scan(`a{${labels(65)}} 1\n`).report.brokenLines).toBe(1);
    expect(scan(`a{${labels(10_000)}} 1\n`).samples).toEqual([]);
  });

  it("ends with the page's limit, and takes no half of a line for one", () => {
    const { samples, report } = scan("a 1\nb 23456\n", { limits: { maxPageBytes: 8 } });
    expect(samples.map(({ name }) => name)).toEqual(["a"]);
    expect(report).toMatchObject({ partial: true, tooLong: true });
  });

  it("hands on so many samples and counts the rest", () => {
    const { samples, report } = scan("a 1\n".repeat(5), { limits: { maxSamples: 2 } });
    expect(samples).toHaveLength(2);
    expect(report).toMatchObject({ partial: true, surplusSamples: 3 });
  });

  it("reads 100 MB without an end in little memory and time", () => {
    const scanner = new PrometheusScanner(
      () => true,
      () => {},
    );
    const piece = Buffer.alloc(1 << 20, 'x"');
    const before = process.memoryUsage();
    const cpuBefore = cpuTimeMs();
    let pushed = 0;
    while (pushed < 100 && scanner.push(piece)) pushed++;
    const after = process.memoryUsage();
    expect(pushed).toBe(32);
    expect(scanner.end()).toMatchObject({ partial: true, tooLong: true, longLines: 1 });
    expect(cpuTimeMs() - cpuBefore).toBeLessThan(5_000);
    const grown = after.arrayBuffers + after.heapUsed - before.arrayBuffers - before.heapUsed;
    expect(grown).toBeLessThan(32 << 20);
  });

  it("does not mind two types for one name", () => {
    expect(scan("# TYPE a gauge\na 1\n# TYPE a counter\na 2\n#\n").samples).toHaveLength(2);
  });
});
