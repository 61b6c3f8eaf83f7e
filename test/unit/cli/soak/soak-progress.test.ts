import { describe, expect, it } from "vitest";
import { formatSoakProgress, SoakProgressLine } from "../../../../src/cli/soak/soak-progress.ts";
import { openTerminal } from "../../../../src/cli/terminal.ts";

const PROGRESS = { predictions: 45, failures: 2, bytes: 8.42e9, growthBytes: 420e6, verdict: "inconclusive" } as const;

describe("formatSoakProgress", () => {
  it("shows how far it is and what memory does", () => {
    expect(formatSoakProgress(PROGRESS, { predictions: 100, durationMs: undefined }, 4_500)).toBe(
      "[=========>          ] 45 of 100  memory 8.42 GB (+420 MB)  2 failed",
    );
  });

  it("goes by time where that is the goal, and by what is nearer where both are", () => {
    expect(formatSoakProgress(PROGRESS, { predictions: undefined, durationMs: 60_000 }, 15_000)).toBe(
      "[=====>              ] 45 predictions  15 s of 1 min  memory 8.42 GB (+420 MB)  2 failed",
    );
    expect(formatSoakProgress(PROGRESS, { predictions: 50, durationMs: 60_000 }, 15_000)).toMatch(
      /^\[={18}> \] 45 of 50/,
    );
  });
});

describe("SoakProgressLine", () => {
  function setUp(isTTY: boolean) {
    const written: string[] = [];
    const terminal = openTerminal({ isTTY, columns: 40, write: (text) => written.push(text) }, {});
    let now = 0;
    const line = new SoakProgressLine(terminal, { predictions: 100, durationMs: undefined }, () => now);
    return { written, line, pass: (ms: number) => (now += ms) };
  }

  it("draws over one line, ten times a second at most, and ends it", () => {
    const { written, line, pass } = setUp(true);
    line.draw({ ...PROGRESS, predictions: 1 });
    line.draw({ ...PROGRESS, predictions: 2 });
    pass(100);
    line.draw({ ...PROGRESS, predictions: 3, verdict: "suspected" });
    line.end();
    expect(written.map((text) => /\] (\d+) of/.exec(text)?.[1])).toEqual(["1", "3", "3", undefined]);
    expect(written[1]).toContain("suspected");
    expect(written.at(-1)).toBe("\n");
    for (const text of written) expect(text.replace(/[\r\n]|\u001b\[[\d;]*[Km]/g, "").length).toBeLessThan(40);
  });

  it("is silent in a pipe", () => {
    const { written, line } = setUp(false);
    line.draw(PROGRESS);
    line.end();
    expect(written).toEqual([]);
  });
});
