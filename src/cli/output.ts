import type { Writable } from "node:stream";
import { openTerminal, type Terminal, type TerminalStream } from "./terminal.ts";

/** Where a command writes: lines for the reader on one side, complaints on the other. */
export interface Output {
  line(text?: string): void;
  complain(text: string): void;
  /** Standard output and standard error, for what is not just a line: colours, progress, a picture drawn again. */
  readonly out: Terminal;
  readonly err: Terminal;
  /** Aborted when standard output takes no more (`| head`, a full disk): what never ends by itself ends with it. */
  readonly unread: AbortSignal;
  /** Settles when standard output has taken all of it, with what was wrong with it if something was. */
  written(): Promise<Error | undefined>;
}

/** What of the process is written to. */
interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}
type OutputStream = Writable & TerminalStream;

/** The process's own two streams. A reader that has seen enough (`| head`) is no failure: the rest goes nowhere. */
export function openProcessOutput({ stdout, stderr }: Streams = process): Output {
  const unread = new AbortController();
  let failure: NodeJS.ErrnoException | undefined;
  stdout.on("error", (error) => {
    failure ??= error;
    unread.abort();
  });
  // There is nobody to tell where complaints cannot be written.
  stderr.on("error", () => {});
  return {
    line: (text = "") => void stdout.write(`${text}\n`),
    complain: (text) => void stderr.write(`${text}\n`),
    out: openTerminal(stdout),
    err: openTerminal(stderr),
    unread: unread.signal,
    async written() {
      // A stream tells on the next tick what it failed with.
      await new Promise((resolve) => setImmediate(resolve));
      if (failure === undefined && stdout.writableLength > 0) await taken(stdout);
      if (failure === undefined || failure.code === "EPIPE") return undefined;
      return new Error(`cannot write to standard output: ${failure.message}`, { cause: failure });
    },
  };
}

/** Settles behind all that was written, told of a failure or not. */
function taken(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => setImmediate(resolve));
  });
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
