import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../../src/rest/retry-after.ts";

const NOW = Date.parse("Mon, 23 Nov 2026 04:00:00 GMT");

describe("retryAfterMs", () => {
  it.each([
    ["0", 0],
    ["2", 2_000],
    ["3600", 3_600_000],
    ["Mon, 23 Nov 2026 04:00:07 GMT", 7_000],
    ["Mon, 23 Nov 2026 03:59:00 GMT", 0],
  ])("reads %j as %i ms", (value, wish) => {
    expect(retryAfterMs({ "retry-after": value }, NOW)).toBe(wish);
  });

  it.each([
    "",
    "-1",
    "1.5",
    "soon",
    "1e3",
    "+2",
    "2 s",
    "99999999999",
    "2026-11-23T04:00:07Z",
    "Mon, 99 Nov 2026 04:00:07 GMT",
  ])("reads nothing out of %j", (value) => {
    expect(retryAfterMs({ "retry-after": value }, NOW)).toBeUndefined();
  });

  it("reads nothing where there is none", () => {
    expect(retryAfterMs({})).toBeUndefined();
  });
});
