import { describe, expect, it } from "vitest";
import { openTerminal } from "../../../src/cli/terminal.ts";

function open(isTTY: boolean, env: Record<string, string> = {}) {
  const written: string[] = [];
  const stream = { isTTY, columns: isTTY ? 120 : 0, write: (text: string) => written.push(text) };
  return { terminal: openTerminal(stream, env), written };
}

const RED = "\u001b[31mx\u001b[39m";

describe("openTerminal", () => {
  it("knows a terminal from a pipe, and how wide it is", () => {
    expect(open(true).terminal).toMatchObject({ isTerminal: true, columns: 120, rows: 24, hasColors: true });
    expect(open(false).terminal).toMatchObject({ isTerminal: false, columns: 80, rows: 24, hasColors: false });
  });

  it.each([
    ["a terminal", true, {}, true],
    ["a pipe", false, {}, false],
    ["a terminal with NO_COLOR", true, { NO_COLOR: "1" }, false],
    ["a terminal with an empty NO_COLOR", true, { NO_COLOR: "" }, true],
    ["a dumb terminal", true, { TERM: "dumb" }, false],
    ["a pipe with FORCE_COLOR", false, { FORCE_COLOR: "1" }, true],
    ["a pipe with FORCE_COLOR and NO_COLOR", false, { FORCE_COLOR: "1", NO_COLOR: "1" }, true],
    ["a terminal with FORCE_COLOR=0", true, { FORCE_COLOR: "0" }, false],
  ])("paints on %s: as it should", (_name, isTTY, env, paints) => {
    expect(open(isTTY, env).terminal.paint("bad", "x")).toBe(paints ? RED : "x");
  });

  it("paints no more once it is told so", () => {
    const { terminal } = open(true);
    terminal.useNoColors();
    expect([terminal.hasColors, terminal.paint("good", "x")]).toEqual([false, "x"]);
  });

  it("writes as it is told, and adds nothing", () => {
    const { terminal, written } = open(true);
    terminal.write("\u001b[2Kx");
    expect(written).toEqual(["\u001b[2Kx"]);
  });
});
