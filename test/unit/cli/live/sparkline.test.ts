import { describe, expect, it } from "vitest";
import { sparkline } from "../../../../src/cli/live/sparkline.ts";

describe("sparkline", () => {
  it("goes from the lowest bar to the highest", () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8)).toBe("▁▂▃▄▅▆▇█");
  });

  it("shows the last ones, and gaps", () => {
    expect(sparkline([9, 0, undefined, 7], 3)).toBe("▁ █");
    expect(sparkline([1, 2], 0)).toBe("");
    expect(sparkline([undefined], 5)).toBe(" ");
  });

  it("is flat for what does not move, and for less than the least span", () => {
    expect(sparkline([8, 8, 8], 3)).toBe("▁▁▁");
    expect(sparkline([8e9, 8e9 + 1e6], 2, 16e6)).toBe("▁▁");
    expect(sparkline([8e9, 8e9 + 16e6], 2, 16e6)).toBe("▁█");
  });
});
