import { stripVTControlCharacters } from "node:util";
import type { Terminal } from "./terminal.ts";

/** Lines on a terminal that are drawn over again, in place. */
export class Redrawn {
  readonly #terminal: Terminal;
  #height = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Shows these lines instead of those before. What is longer than a line of the terminal is cut, so that it stays one. */
  show(lines: readonly string[]): void {
    const width = Math.max(1, this.#terminal.columns - 1);
    const shown = lines.slice(0, Math.max(1, this.#terminal.rows - 1)).map((line) => cut(line, width));
    const up = this.#height === 0 ? "" : `\u001b[${this.#height}A\r\u001b[J`;
    this.#terminal.write(`${up}${shown.join("\n")}\n`);
    this.#height = shown.length;
  }
}

/** A line that is too long loses its colours too: nobody shall cut through one. */
function cut(line: string, width: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length <= width ? line : `${plain.slice(0, width - 1)}…`;
}
