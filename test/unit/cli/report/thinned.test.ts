import { describe, expect, it } from "vitest";
import { thinned } from "../../../../src/cli/report/thinned.ts";

describe("thinned", () => {
  it("keeps all of a few", () => {
    expect(thinned(0)).toEqual([]);
    expect(thinned(3)).toEqual([0, 1, 2]);
  });

  it("keeps the first and the last of many, and about a thousand", () => {
    for (const length of [1_001, 2_500, 99_999]) {
      const indexes = thinned(length);
      expect([indexes[0], indexes.at(-1)]).toEqual([0, length - 1]);
      expect(indexes.length).toBeLessThanOrEqual(1_001);
      expect(indexes.length).toBeGreaterThan(500);
    }
  });
});
