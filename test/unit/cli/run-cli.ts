import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

export interface RunningCli {
  /** The first `count` lines of what it prints; rejects when it ends before. */
  lines(count: number): Promise<string[]>;
  /** Closes the reader's end of its output, as `head` does. */
  stopReading(): void;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<{ readonly code: number | null; readonly out: string; readonly complaints: string }>;
}

/** Starts the command line from source, as a process of its own. */
export function startCli(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  stdin = "",
  cwd = process.cwd(),
): RunningCli {
  const inherited = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^TFS_|^NODE_OPTIONS$|^(NO|FORCE)_COLOR$/.test(name)),
  );
  const child = spawn(NODE, [join(ROOT, "src", "cli.ts"), ...args], {
    cwd,
    env: { ...inherited, ...env },
    stdio: ["pipe", "pipe", "pipe"],
    // One that serves does so for as long as a whole file of tests takes.
    timeout: 300_000,
  });
  child.stdin.on("error", () => {}).end(stdin);
  let out = "";
  let complaints = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
  });
  const ended = new Promise<{ code: number | null; out: string; complaints: string }>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, out, complaints }));
  });
  return {
    stopReading: () => void child.stdout.destroy(),
    kill: (signal) => void child.kill(signal),
    ended,
    lines: (count) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const lines = out.split("\n");
          if (lines.length > count) resolve(lines.slice(0, count));
        };
        child.stdout.on("data", look);
        look();
        ended.then(() => reject(new Error(`ended before it printed ${count} lines\n${out}\n${complaints}`)), reject);
      }),
  };
}

/** Runs it to its end. */
export function runCli(...args: string[]): RunningCli["ended"] {
  return startCli(args).ended;
}

/** Runs it to its end with something on its standard input. */
export function feedCli(stdin: string, ...args: string[]): RunningCli["ended"] {
  return startCli(args, {}, stdin).ended;
}
