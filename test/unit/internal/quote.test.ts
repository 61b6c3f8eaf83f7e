import { describe, expect, it } from "vitest";
import { quote } from "../../../src/internal/quote.ts";

describe("quote", () => {
  it("puts a name into double quotes", () => {
    expect(quote('say "x"')).toBe('"say \\"x\\""');
  });

  it("escapes what a terminal would act on", () => {
    expect(quote("\u001b[31m\u009b\u202e\r\n")).toBe('"\\u001b[31m\\u009b\\u202e\\r\\n"');
  });

  it("shows at most 120 characters", () => {
    expect(quote("a".repeat(121))).toBe(`"${"a".repeat(120)}…"`);
  });
});
