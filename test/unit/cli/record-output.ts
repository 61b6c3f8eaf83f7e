import { main } from "../../../src/cli/main.ts";
import type { Output } from "../../../src/cli/output.ts";
import { openTerminal } from "../../../src/cli/terminal.ts";

/** An output that keeps what it is told, as a pipe would get it. */
export function recordOutput(): { readonly output: Output; out(): string; complaints(): string } {
  const out: string[] = [];
  const complaints: string[] = [];
  const output: Output = {
    line: (text = "") => void out.push(`${text}\n`),
    complain: (text) => void complaints.push(`${text}\n`),
    out: openTerminal({ write: (text) => out.push(text) }, {}),
    err: openTerminal({ write: (text) => complaints.push(text) }, {}),
    unread: new AbortController().signal,
    written: async () => undefined,
  };
  const text = (pieces: readonly string[]) => pieces.join("").replace(/\n$/, "");
  return { output, out: () => text(out), complaints: () => text(complaints) };
}

/** Runs the command line in this process: what it ends with and prints, without the last line end. */
export function runMain(...args: string[]): ReturnType<typeof runMainWith> {
  return runMainWith({}, ...args);
}

/** The same with variables: nothing of this process's own environment gets in. */
export async function runMainWith(env: Readonly<Record<string, string>>, ...args: string[]) {
  const { output, out, complaints } = recordOutput();
  const code = await main(args, output, env);
  return { code, out: out(), complaints: complaints() };
}
