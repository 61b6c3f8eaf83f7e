import { describe, expect, it } from "vitest";
import { retryAfterMs } from "../../../src/grpc/retry-after.ts";

describe("retryAfterMs", () => {
  it.each([
    ["0", 0],
    ["100", 100],
    ["1000000000", 1_000_000_000],
    ["2147483647", 2_147_483_647],
  ])("reads a pushback of %j as %i ms", (value, wish) => {
    expect(retryAfterMs({ "grpc-retry-pushback-ms": value })).toBe(wish);
  });

  it.each(["-1", "-100", "abc", "", "1.5", "1e3", " 1", "0x10", "1, 2", "2147483648", "99999999999"])(
    "reads a pushback of %j as the wish for no further try",
    (value) => {
      expect(retryAfterMs({ "grpc-retry-pushback-ms": value })).toBe(-1);
    },
  );

  it("reads nothing where there is none", () => {
    expect(retryAfterMs({})).toBeUndefined();
    expect(retryAfterMs(undefined)).toBeUndefined();
  });
});
