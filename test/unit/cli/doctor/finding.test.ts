import { describe, expect, it } from "vitest";
import { error, info, ok, warning, worstOf } from "../../../../src/cli/doctor/finding.ts";

describe("worstOf", () => {
  it("is an error before a warning before all else", () => {
    const findings = [ok("a", "x"), info("b", "x"), warning("c", "x", "y"), error("d", "x", "y")];
    expect([0, 1, 2, 3, 4].map((count) => worstOf(findings.slice(0, count)))).toEqual([
      "ok",
      "ok",
      "ok",
      "warning",
      "error",
    ]);
  });
});
