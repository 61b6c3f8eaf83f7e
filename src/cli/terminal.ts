import { styleText } from "node:util";

/** What a word is for: a terminal with colours shows it so, everything else as it is. */
export type Style = "good" | "careful" | "bad" | "dim" | "strong";

const FORMATS = { good: "green", careful: "yellow", bad: "red", dim: "dim", strong: "bold" } as const;

/** One of the process's two outgoing streams, as far as a command cares what is at its other end. */
export interface Terminal {
  /** Whether a person looks at it: no pipe, no file. Only then may anything move, or be drawn again. */
  readonly isTerminal: boolean;
  /** Characters a line; 80 where nobody says. */
  readonly columns: number;
  /** Lines; 24 where nobody says. */
  readonly rows: number;
  /** Whether {@link paint} paints. */
  readonly hasColors: boolean;
  /** The text in the colour of its style, where colours are wanted. */
  paint(style: Style, text: string): string;
  /** Raw: line ends and what moves the cursor are the caller's. */
  write(text: string): void;
  /** From now on without colours (`--no-color`). */
  useNoColors(): void;
}

/** What of a stream is used here. */
export interface TerminalStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** A stream as a {@link Terminal}; `env` says about colours what people expect it to. */
export function openTerminal(stream: TerminalStream, env: NodeJS.ProcessEnv = process.env): Terminal {
  const isTerminal = stream.isTTY === true;
  let hasColors = wantsColors(isTerminal, env);
  return {
    isTerminal,
    get columns() {
      return stream.columns || 80;
    },
    get rows() {
      return stream.rows || 24;
    },
    get hasColors() {
      return hasColors;
    },
    // Not left to styleText's own look at stdout: the question is what this stream is, and Node 20 and 24 look differently.
    paint: (style, text) => (hasColors ? styleText(FORMATS[style], text, { validateStream: false }) : text),
    write: (text) => void stream.write(text),
    useNoColors: () => {
      hasColors = false;
    },
  };
}

/**
 * Colours are for terminals. `FORCE_COLOR` wants them anywhere (or, as 0, nowhere) and comes before `NO_COLOR`, as in
 * Node.js itself.
 *
 * @see https://no-color.org
 * @see https://force-color.org
 */
function wantsColors(isTerminal: boolean, env: NodeJS.ProcessEnv): boolean {
  const forced = env["FORCE_COLOR"];
  if (forced !== undefined && forced !== "") return forced !== "0" && forced !== "false";
  return isTerminal && !env["NO_COLOR"] && env["TERM"] !== "dumb";
}
