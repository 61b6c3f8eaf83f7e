import { describe, expect, it } from "vitest";
import { watchLine } from "../../../../src/cli/live/watch-line.ts";
import { guardReport, RUNS_AWAY, watchSample } from "./samples.ts";

describe("watchLine", () => {
  it("says all in one line", () => {
    expect(watchLine(watchSample({ memory: RUNS_AWAY }))).toBe(
      "2026-01-02T03:04:05Z  47 AVAILABLE  probe pass 12.1 ms  server 12.0/s  memory 8.00 GB +40.0 MB a second, limit in 9 min at most  suspected",
    );
  });

  it("says what went wrong, still in one line", () => {
    const { versions: _versions, server: _server, memory: _memory, ...rest } = watchSample();
    const line = watchLine({
      ...rest,
      statusError: "no\nconnection",
      serverError: "answered 404",
      probe: { state: "off", sent: 0, failed: 0 },
      memory: guardReport({ bytes: undefined }),
    });
    expect(line).toBe("2026-01-02T03:04:05Z  no connection  server: answered 404  inconclusive");
  });
});
