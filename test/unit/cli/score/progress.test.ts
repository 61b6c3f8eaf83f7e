import { describe, expect, it } from "vitest";
import { formatProgress } from "../../../../src/cli/score/progress.ts";

const state = { rows: 12_345, failed: 0, bytesRead: 450, totalBytes: 1_000, bytesSkipped: 0, elapsedMs: 1_500 };

describe("formatProgress", () => {
  it("shows how far it is, how fast, and how long it will take", () => {
    expect(formatProgress(state)).toBe("[=========>          ] 45%  12,345 rows  8,230 rows/s  0:02 left");
    expect(formatProgress({ ...state, bytesRead: 1_000 })).toBe(
      "[====================] 100%  12,345 rows  8,230 rows/s  0:00 left",
    );
    expect(formatProgress({ ...state, bytesRead: 1, elapsedMs: 4_000 })).toContain("1:06:36 left");
  });

  it("judges the time left by what this run did, and not by what it passed over", () => {
    expect(formatProgress({ ...state, bytesRead: 600, bytesSkipped: 500 })).toContain("60%");
    expect(formatProgress({ ...state, bytesRead: 600, bytesSkipped: 500 })).toContain("0:06 left");
    expect(formatProgress({ ...state, rows: 0, bytesRead: 500, bytesSkipped: 500 })).not.toContain("left");
  });

  it("has no bar for a pipe, whose end nobody knows", () => {
    expect(formatProgress({ ...state, totalBytes: undefined, failed: 7 })).toBe("12,345 rows  8,230 rows/s  7 failed");
  });

  it("divides by nothing at the start", () => {
    expect(formatProgress({ ...state, rows: 0, bytesRead: 0, elapsedMs: 0 })).toBe(
      "[>                   ] 0%  0 rows  0 rows/s",
    );
  });
});
