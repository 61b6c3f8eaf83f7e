import { describe, expect, it } from "vitest";
import { oneLine } from "../../../src/internal/one-line.ts";

describe("oneLine", () => {
  it("makes one line of several, without what steers a terminal", () => {
    expect(oneLine(" a\r\n\tb\u2028c\u001b[31md\u202ee ", 80)).toBe("a b c [31md e");
  });

  it("cuts what is longer", () => {
    expect(oneLine("abcdef", 6)).toBe("abcdef");
    expect(oneLine("abcdefg", 6)).toBe("abcde…");
  });
});
