import { describe, expect, it } from "vitest";
import { Redrawn } from "../../../src/cli/redrawn.ts";
import { openTerminal } from "../../../src/cli/terminal.ts";

function draw(columns: number, rows: number, ...pictures: string[][]): string {
  let written = "";
  const stream = {
    isTTY: true,
    columns,
    rows,
    write: (text: string) => {
      written += text;
    },
  };
  const picture = new Redrawn(openTerminal(stream, {}));
  for (const lines of pictures) picture.show(lines);
  return written;
}

describe("Redrawn", () => {
  it("draws over what it has drawn", () => {
    expect(draw(80, 24, ["a", "b"], ["c"], ["d"])).toBe("a\nb\n\u001b[2A\r\u001b[Jc\n\u001b[1A\r\u001b[Jd\n");
  });

  it("cuts what would take more than one line or more than the screen", () => {
    expect(draw(6, 3, ["12345", "123456", "x"])).toBe("12345\n1234…\n");
  });

  it("leaves colours alone where they fit, and cuts none in two", () => {
    expect(draw(6, 24, ["\u001b[31mabc\u001b[39m", "\u001b[31mabcdef\u001b[39m"])).toBe(
      "\u001b[31mabc\u001b[39m\nabcd…\n",
    );
  });
});
