import { EventEmitter } from "node:events";
import { describe, expect, it } from "vitest";
import { LiveScreen, type ScreenEvents } from "../../../../src/cli/live/live-screen.ts";
import { openTerminal } from "../../../../src/cli/terminal.ts";

function setUp(draw = () => ["a", "b"]) {
  const written: string[] = [];
  const stream = { isTTY: true, columns: 80, rows: 24, write: (text: string) => written.push(text) };
  const killed: unknown[] = [];
  const process = Object.assign(new EventEmitter(), { pid: 7, kill: (...args: unknown[]) => killed.push(args) });
  const stdout = new EventEmitter();
  const sizes: number[][] = [];
  const screen = new LiveScreen(
    openTerminal(stream, {}),
    (columns, rows) => {
      sizes.push([columns, rows]);
      return draw();
    },
    { process, stdout } as unknown as ScreenEvents,
  );
  const take = () => written.splice(0).join("");
  return { screen, take, stream, process, stdout, killed, sizes };
}

const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";

describe("LiveScreen", () => {
  it("draws in place, and gives the terminal back as it was", () => {
    const { screen, take, process, stdout } = setUp();
    screen.open();
    expect(take()).toBe(ENTER);
    screen.redraw();
    expect(take()).toBe("\u001b[Ha\u001b[K\nb\u001b[K\u001b[J");
    screen.close();
    expect(take()).toBe(LEAVE);
    screen.close();
    screen.redraw();
    expect(take()).toBe("");
    expect([process, stdout].flatMap((emitter) => emitter.eventNames())).toEqual([]);
  });

  it("draws anew at once when the window has another size", () => {
    const { screen, take, stream, stdout, sizes } = setUp();
    screen.open();
    Object.assign(stream, { columns: 40, rows: 10 });
    take();
    stdout.emit("resize");
    expect(take()).toContain("a");
    expect(sizes).toEqual([[40, 10]]);
    screen.close();
  });

  it("draws no more lines than there are", () => {
    const { screen, take, stream } = setUp(() => Array.from({ length: 50 }, (_, line) => `line ${line}`));
    stream.rows = 5;
    screen.open();
    take();
    screen.redraw();
    expect(take().split("\n")).toHaveLength(5);
    screen.close();
  });

  it("gives the terminal back when the process ends in another way", () => {
    const { screen, take, process } = setUp();
    screen.open();
    take();
    process.emit("exit");
    expect(take()).toBe(LEAVE);
  });

  it("gives the terminal back while it sleeps, and draws again when it is woken", () => {
    const { screen, take, process, killed } = setUp();
    screen.open();
    take();
    process.emit("SIGTSTP");
    expect(take()).toBe(LEAVE);
    expect(killed).toEqual([[7, "SIGSTOP"]]);
    process.emit("SIGCONT");
    expect(take()).toContain(`${ENTER}\u001b[Ha`);
    process.emit("SIGCONT");
    expect(take()).toBe("");
    screen.close();
  });
});
