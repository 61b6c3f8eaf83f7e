import type { Terminal } from "../terminal.ts";

/** ANSI, as every terminal and ssh understand it. */
const ENTER = "\u001b[?1049h\u001b[?25l\u001b[?7l\u001b[H\u001b[2J";
const LEAVE = "\u001b[?7h\u001b[?25h\u001b[?1049l";
const HOME = "\u001b[H";
const CLEAR_LINE = "\u001b[K";
const CLEAR_BELOW = "\u001b[J";

/** Draws lines for a width and a height. */
export type Draw = (columns: number, rows: number) => readonly string[];

/** What tells that the window has another size, or that the process sleeps, wakes and ends: the process itself. */
export interface ScreenEvents {
  readonly process: Pick<NodeJS.Process, "on" | "removeListener" | "kill" | "pid">;
  readonly stdout: Pick<NodeJS.WriteStream, "on" | "removeListener">;
}

/**
 * A picture on a screen of its own, drawn over in place. However the program ends, the terminal gets back what was on it
 * before, its cursor and its line breaks. Ctrl+Z does the same, until the program is woken.
 */
export class LiveScreen {
  readonly #terminal: Terminal;
  readonly #draw: Draw;
  readonly #events: ScreenEvents;
  #isOpen = false;

  constructor(terminal: Terminal, draw: Draw, events: ScreenEvents = { process, stdout: process.stdout }) {
    this.#terminal = terminal;
    this.#draw = draw;
    this.#events = events;
  }

  open(): void {
    const { process, stdout } = this.#events;
    this.#enter();
    stdout.on("resize", this.redraw);
    process.on("exit", this.#leave);
    // Windows has neither.
    process.on("SIGTSTP", this.#sleep);
    process.on("SIGCONT", this.#wake);
  }

  /** Draws anew what there is to see now. */
  readonly redraw = (): void => {
    if (!this.#isOpen) return;
    const { columns, rows } = this.#terminal;
    const lines = this.#draw(columns, rows).slice(0, rows);
    this.#terminal.write(`${HOME}${lines.map((line) => line + CLEAR_LINE).join("\n")}${CLEAR_BELOW}`);
  };

  close(): void {
    const { process, stdout } = this.#events;
    stdout.removeListener("resize", this.redraw);
    process.removeListener("exit", this.#leave);
    process.removeListener("SIGTSTP", this.#sleep);
    process.removeListener("SIGCONT", this.#wake);
    this.#leave();
  }

  readonly #enter = (): void => {
    this.#isOpen = true;
    this.#terminal.write(ENTER);
  };

  readonly #leave = (): void => {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#terminal.write(LEAVE);
  };

  readonly #sleep = (): void => {
    this.#leave();
    this.#events.process.kill(this.#events.process.pid, "SIGSTOP");
  };

  readonly #wake = (): void => {
    if (this.#isOpen) return;
    this.#enter();
    this.redraw();
  };
}
