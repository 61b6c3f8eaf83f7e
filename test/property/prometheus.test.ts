import { describe, expect, it } from "vitest";
import type { PrometheusSample } from "../../src/health/memory/parse-prometheus-line.ts";
import { PrometheusScanner, type ScanReport } from "../../src/health/memory/prometheus-scanner.ts";
import fc from "./fast-check.ts";

function scan(page: Uint8Array, cuts: readonly number[] = []): { samples: PrometheusSample[]; report: ScanReport } {
  const samples: PrometheusSample[] = [];
  const limits = { maxLineBytes: 256, maxPageBytes: 4_096, maxSamples: 50 };
  const scanner = new PrometheusScanner(
    () => true,
    (sample) => samples.push(sample),
    limits,
  );
  let from = 0;
  for (const cut of [...cuts.map((at) => at % (page.length + 1)).sort((a, b) => a - b), page.length]) {
    if (!scanner.push(page.subarray(from, cut))) break;
    from = cut;
  }
  return { samples, report: scanner.end() };
}

/** Bytes that a page is made of, with a taste for those that mean something. */
const page = fc
  .array(fc.oneof(fc.constantFrom(...'a:_{}=",\\\n #1.5eNaN+Inf\t'), fc.string({ unit: "binary", maxLength: 3 })), {
    maxLength: 600,
  })
  .map((parts) => Buffer.from(parts.join("")));

describe("PrometheusScanner", () => {
  it("ends on any bytes with samples of the right types, within its limits", () => {
    fc.assert(
      fc.property(page, (bytes) => {
        const { samples, report } = scan(bytes);
        expect(samples.length).toBeLessThanOrEqual(50);
        expect(report.tooLong).toBe(bytes.length > 4_096);
        for (const { name, labels, value, timeMs } of samples) {
          expect(name).not.toBe("");
          expect(typeof value).toBe("number");
          expect(["number", "undefined"]).toContain(typeof timeMs);
          expect(Object.getPrototypeOf(labels)).toBeNull();
        }
      }),
      { numRuns: 500 },
    );
  });

  it("finds the same wherever the page is cut into pieces", () => {
    fc.assert(
      fc.property(page, fc.array(fc.nat(4_096), { maxLength: 8 }), (bytes, cuts) => {
        expect(scan(bytes, cuts)).toEqual(scan(bytes));
      }),
      { numRuns: 300 },
    );
  });

  it("reads back what an exporter wrote, whatever the labels hold", () => {
    const label = fc.tuple(fc.stringMatching(/^[a-z_][a-z0-9_]{0,8}$/), fc.string({ maxLength: 20 }));
    fc.assert(
      fc.property(
        fc.uniqueArray(label, { selector: ([name]) => name, maxLength: 5 }),
        fc.double().map((value) => (value === 0 ? 0 : value)),
        (labels, value) => {
          const quoted = labels.map(
            ([name, text]) =>
              `${name}="${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`,
          );
          const shown = Number.isNaN(value)
            ? "NaN"
            : Number.isFinite(value)
              ? String(value)
              : value > 0
                ? "+Inf"
                : "-Inf";
          const { samples } = scan(Buffer.from(`:a:b{${quoted.join(",")}} ${shown}\n`));
          expect(samples).toEqual([
            { name: ":a:b", labels: { ...Object.fromEntries(labels) }, value, timeMs: undefined },
          ]);
        },
      ),
    );
  });
});
