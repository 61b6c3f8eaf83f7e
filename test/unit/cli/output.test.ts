import { describe, expect, it } from "vitest";
import { formatTable, wrap } from "../../../src/cli/output.ts";

describe("formatTable", () => {
  it("makes columns as wide as their longest cell", () => {
    expect(
      formatTable([
        ["a", "bb"],
        ["ccc", "d"],
      ]),
    ).toEqual(["  a    bb", "  ccc  d"]);
  });

  it("goes on under the last column where that is too long", () => {
    const words = Array.from({ length: 20 }, () => "word").join(" ");
    const [first = "", second = ""] = formatTable([["name", words]]);
    expect(first).toMatch(/^ {2}name {2}word( word)*$/);
    expect(second).toMatch(/^ {8}word( word)*$/);
    expect(Math.max(first.length, second.length)).toBeLessThanOrEqual(80);
  });

  it("leaves no blanks at the ends of lines", () => {
    expect(
      formatTable([
        ["a", ""],
        ["b", "longer"],
      ])[0],
    ).toBe("  a");
  });
});

describe("wrap", () => {
  const words = Array.from({ length: 40 }, () => "word").join(" ");

  it("keeps lines within 80 columns, indented", () => {
    const lines = wrap(words);
    expect(lines.length).toBe(3);
    for (const line of lines) expect(line).toMatch(/^ {2}word.{0,74}$/);
  });

  it("loses nothing", () => {
    expect(
      wrap(words)
        .map((line) => line.trim())
        .join(" "),
    ).toBe(words);
  });

  it("gives a word that is too long a line of its own", () => {
    const long = "x".repeat(100);
    expect(wrap(`a ${long} b`)).toEqual(["  a", `  ${long}`, "  b"]);
  });
});
