import { spawnSync } from "node:child_process";
import { beforeAll, describe, expect, it } from "vitest";
import { runMain } from "../record-output.ts";

const has = (shell: string) => spawnSync(shell, ["-c", "exit 0"]).status === 0;

/** What a shell prints that has read the completion and runs the program given. */
function shell(name: string, script: string, program: string): string[] {
  const { stdout, stderr, status } = spawnSync(name, ["-c", `${script}\n${program}`], { encoding: "utf8" });
  expect({ stderr, status }).toEqual({ stderr: "", status: 0 });
  return stdout.split("\n").filter((line) => line !== "");
}

/** The words typed, the last one to be completed; and some of what shall be offered, or all of it. */
const CASES: readonly { words: string[]; some?: string[]; all?: string[]; not?: string[] }[] = [
  { words: [""], some: ["serve", "health", "config", "completion"], not: ["check", "--json"] },
  { words: ["he"], all: ["health", "help"] },
  { words: ["config", ""], some: ["check", "print", "plan"], not: ["serve"] },
  { words: ["health", "--le"], all: ["--level"] },
  { words: ["health", "--level", ""], all: ["alive", "connect", "loaded", "predicts", "stable"] },
  { words: ["health", "-m", "config", "--level", "p"], all: ["predicts"] },
  { words: ["config", "check", "--kind", "m"], all: ["model", "monitoring"] },
  { words: ["status", "-m", ""], all: [] },
  { words: ["status", ""], all: [] },
  { words: ["completion", "z"], all: ["zsh"] },
];

function judge(found: readonly string[], { words, some = [], all, not = [] }: (typeof CASES)[number]): void {
  const about = words.join(" ");
  if (all !== undefined) expect([...found].sort(), about).toEqual(all);
  expect(found, about).toEqual(expect.arrayContaining(some));
  for (const word of not) expect(found, about).not.toContain(word);
}

describe.runIf(has("bash"))("bashCompletion", () => {
  let script: string;
  beforeAll(async () => {
    script = (await runMain("completion", "bash")).out;
  });

  it.each(CASES)("completes $words", (each) => {
    const words = ["tfserving", ...each.words].map((word) => `'${word}'`).join(" ");
    const program = `COMP_WORDS=(${words}); COMP_CWORD=${each.words.length}; compopt() { :; }; _tfserving; printf '%s\\n' "\${COMPREPLY[@]}"`;
    judge(shell("bash", script, program), each);
  });

  it("leaves files to the shell where an argument or an option is one", () => {
    const program = "COMP_WORDS=(tfserving config check ''); COMP_CWORD=3; compopt() { echo none; }; _tfserving; true";
    expect(shell("bash", script, program)).toEqual([]);
    expect(shell("bash", script, program.replace("config check", "health --config"))).toEqual([]);
    expect(shell("bash", script, program.replace("config check", "health --timeout"))).toEqual(["none"]);
  });
});

describe.runIf(has("zsh"))("zshCompletion", () => {
  let script: string;
  beforeAll(async () => {
    // What the completion system of zsh would be called with, printed.
    const stubs = `compdef() { :; }; _files() { print files; }
      compadd() { shift; for each in "$@"; do [[ $each == $prefix* ]] && print -- $each; done; true; }
      _describe() { for each in "\${(@P)\${@[-1]}}"; do [[ $each == $prefix* ]] && print -- \${each%%:*}; done; true; }`;
    script = `${stubs}\n${(await runMain("completion", "zsh")).out}`;
  });

  it.each(CASES)("completes $words", (each) => {
    const words = ["tfserving", ...each.words].map((word) => `'${word}'`).join(" ");
    const program = `words=(${words}); prefix='${each.words.at(-1)}'; CURRENT=${each.words.length + 1}; _tfserving`;
    judge(shell("zsh", script, program), each);
  });

  it("asks for files where an argument or an option is one", () => {
    expect(shell("zsh", script, "words=(tfserving config check ''); CURRENT=4; _tfserving")).toEqual(["files"]);
    expect(shell("zsh", script, "words=(tfserving health --config ''); CURRENT=4; _tfserving")).toEqual(["files"]);
  });
});

describe.runIf(has("fish"))("fishCompletion", () => {
  let script: string;
  beforeAll(async () => {
    script = (await runMain("completion", "fish")).out;
  });

  it.each(CASES)("completes $words", (each) => {
    const found = shell("fish", script, `complete -C 'tfserving ${each.words.join(" ")}'`);
    judge(
      found.map((line) => line.split("\t")[0] as string),
      each,
    );
  });
});
