import { openTerminal, type Terminal } from "./terminal.ts";

/** Where a command writes: lines for the reader on one side, complaints on the other. */
export interface Output {
  line(text?: string): void;
  complain(text: string): void;
  /** Standard output and standard error, for what is not just a line: colours, progress, a picture drawn again. */
  readonly out: Terminal;
  readonly err: Terminal;
  /** Aborted when nobody reads standard output any more (`| head`): what never ends by itself ends with it. */
  readonly unread: AbortSignal;
}

/** The process's own two streams. A reader that has seen enough (`| head`) is no failure: the rest goes nowhere. */
export function openProcessOutput(): Output {
  const unread = new AbortController();
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      if (stream === process.stdout) unread.abort();
    });
  }
  return {
    line: (text = "") => void process.stdout.write(`${text}\n`),
    complain: (text) => void process.stderr.write(`${text}\n`),
    out: openTerminal(process.stdout),
    err: openTerminal(process.stderr),
    unread: unread.signal,
  };
}

const WIDTH = 80;

/**
 * Rows in columns as wide as their longest cell, two spaces apart, nothing at line ends. The last column is broken
 * between words where it would stand out over 80 characters, and goes on under itself.
 */
export function formatTable(rows: readonly (readonly string[])[], indent = "  "): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, cell.length);
  }
  return rows.flatMap((row) => {
    const before = row.slice(0, -1).map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `);
    const start = indent + before.join("");
    const [first = "", ...more] = wrap(row.at(-1) ?? "", " ".repeat(start.length));
    return [(start + first.slice(start.length)).trimEnd(), ...more];
  });
}

/** Text broken between words so that no line is longer than 80 characters, but for words that are. */
export function wrap(text: string, indent = "  "): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(" ")) {
    const longer = line === indent ? indent + word : `${line} ${word}`;
    if (longer.length > WIDTH && line !== indent) {
      lines.push(line);
      line = indent + word;
    } else {
      line = longer;
    }
  }
  lines.push(line);
  return lines;
}

/** Words of the remote end without what could steer a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, " ");
}
