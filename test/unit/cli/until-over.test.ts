import { describe, expect, it, vi } from "vitest";
import { untilOver } from "../../../src/cli/until-over.ts";

describe("untilOver", () => {
  it("waits so long", async () => {
    vi.useFakeTimers();
    try {
      let isOver = false;
      const waiting = untilOver(1_000, new AbortController().signal).then(() => {
        isOver = true;
      });
      await vi.advanceTimersByTimeAsync(999);
      expect(isOver).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      await waiting;
    } finally {
      vi.useRealTimers();
    }
  });

  it("ends at once when it is enough", async () => {
    const enough = new AbortController();
    const waiting = untilOver(1_000_000, enough.signal);
    enough.abort();
    await waiting;
    await untilOver(1_000_000, enough.signal);
  });
});
