import { describe, expect, it } from "vitest";
import { WatchHistory } from "../../../../src/cli/live/watch-history.ts";
import { watchSample } from "./samples.ts";

describe("WatchHistory", () => {
  it("never holds more than it may, and keeps the first and the newest", () => {
    const history = new WatchHistory(100);
    for (let elapsedMs = 0; elapsedMs < 10_000; elapsedMs++) {
      history.add(watchSample({ elapsedMs }));
      expect(history.samples.length).toBeLessThanOrEqual(100);
    }
    const times = history.samples.map(({ elapsedMs }) => elapsedMs);
    expect(times[0]).toBe(0);
    expect(times.slice(-40)).toEqual(Array.from({ length: 40 }, (_, index) => 9_960 + index));
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });
});
