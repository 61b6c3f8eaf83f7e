import { describe, expect, it } from "vitest";
import { quote, quoteWhole, withoutControls } from "../../../src/internal/quote.ts";

describe("quote", () => {
  it("puts a name into double quotes", () => {
    expect(quote('say "x"')).toBe('"say \\"x\\""');
  });

  it("is what JSON makes of a name, whatever is in it", () => {
    for (let code = 0; code < 0x7f; code++) {
      const name = `a${String.fromCharCode(code)}b`;
      expect(quote(name)).toBe(JSON.stringify(name));
    }
    expect(quote("")).toBe('""');
    expect(quote("ä")).toBe('"ä"');
  });

  it("escapes what a terminal would act on", () => {
    expect(quote("\u001b[31m\u009b\u202e\r\n")).toBe('"\\u001b[31m\\u009b\\u202e\\r\\n"');
  });

  it("shows at most 120 characters", () => {
    expect(quote("a".repeat(121))).toBe(`"${"a".repeat(120)}…"`);
  });
});

describe("quoteWhole", () => {
  it("keeps two long names apart", () => {
    const long = "a".repeat(121);
    expect(quoteWhole(`${long}b\u0085`)).toBe(`"${long}b\\u0085"`);
  });
});

describe("withoutControls", () => {
  it("escapes what cannot be seen and leaves the rest", () => {
    expect(withoutControls('"ä\u007f\u2066"')).toBe('"ä\\u007f\\u2066"');
  });
});
