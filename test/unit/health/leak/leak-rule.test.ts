import { describe, expect, it } from "vitest";
import { judgeGrowth } from "../../../../src/health/leak/leak-rule.ts";
import { source } from "../../../health-sim/noise.ts";

const points = (length: number, at: (i: number) => number) => Array.from({ length }, (_, x) => ({ x, bytes: at(x) }));
const { noise } = source(1);
const NOISE = points(200, () => 5e6 * noise()).map(({ bytes }) => bytes);

describe("judgeGrowth", () => {
  it("has nothing to say about nothing", () => {
    expect(judgeGrowth([])).toMatchObject({ verdict: "inconclusive", trend: undefined });
    expect(judgeGrowth(points(6, (i) => i * 1e9))).toMatchObject({ verdict: "inconclusive" });
  });

  it("finds a line a leak, and its slope", () => {
    const { verdict, trend } = judgeGrowth(points(100, (i) => 8e9 + 3e6 * i));
    expect(verdict).toBe("leak");
    expect(trend?.slope).toBeCloseTo(3e6, 3);
  });

  it("names the windows that it judged, and the line in each", () => {
    const line = (i: number) => 8e9 + 3e6 * i;
    const { windows } = judgeGrowth(points(100, line));
    expect(windows.map(({ first, last }) => [first, last])).toEqual([
      [10, 54],
      [55, 99],
    ]);
    for (const { first, last, startBytes, endBytes } of windows) {
      expect([startBytes, endBytes]).toEqual([line(first), line(last)]);
    }
    expect(judgeGrowth(points(20, line)).windows).toMatchObject([{ first: 4, last: 19 }]);
    expect(judgeGrowth(points(6, line)).windows).toEqual([]);
  });

  it("names windows among all points where neighbours were put together", () => {
    const { windows } = judgeGrowth(points(1_001, (i) => 8e9 + 3e6 * i));
    expect(windows.map(({ first, last }) => [first, last])).toEqual([
      [99, 548],
      [549, 1_000],
    ]);
  });

  it("calls what does not move stable, and what falls", () => {
    expect(judgeGrowth(points(100, () => 8e9)).verdict).toBe("stable");
    expect(judgeGrowth(points(100, (i) => 8e9 - 5e6 * i)).verdict).toBe("stable");
  });

  it("does not call a small rise stable only because it is small", () => {
    expect(judgeGrowth(points(100, (i) => 8e9 + 0.4e6 * i))).toMatchObject({
      verdict: "inconclusive",
      reason: "memory rises, too little or too unevenly to call it a leak",
    });
  });

  it("calls stable what surely rises and by next to nothing, as the heap of a sound process does", () => {
    expect(judgeGrowth(points(100, (i) => 8e9 + 0.05e6 * i)).verdict).toBe("stable");
    const warm = points(120, (i) => 8e9 + Math.min(i, 20) * 10e6 + 0.02e6 * i);
    expect(judgeGrowth(warm).verdict).toBe("stable");
  });

  it("does not call a leak what has grown by less than 64 MB in either half", () => {
    expect(judgeGrowth(points(200, (i) => 8e9 + 0.6e6 * i)).verdict).toBe("suspected");
  });

  it("does not call a leak what fell in between, however much it rises", () => {
    const sawtooth = points(200, (i) => 8e9 + 40e6 * (i % 73) + (NOISE[i] ?? 0));
    expect(judgeGrowth(sawtooth).verdict).not.toBe("leak");
  });

  it("thins a long series out and says the same", () => {
    const { verdict, trend } = judgeGrowth(points(20_000, (i) => 8e9 + 1e6 * i));
    expect(verdict).toBe("leak");
    expect(trend?.points).toBeLessThanOrEqual(400);
    expect(trend?.slope).toBeCloseTo(1e6, 3);
  });
});
