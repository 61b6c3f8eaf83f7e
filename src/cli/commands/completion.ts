import { Argument, type Command } from "commander";
import { bashCompletion } from "../completion/bash.ts";
import { type CommandNode, readCommandTree } from "../completion/command-tree.ts";
import { fishCompletion } from "../completion/fish.ts";
import { zshCompletion } from "../completion/zsh.ts";
import type { Output } from "../output.ts";

type Shell = "bash" | "zsh" | "fish";

const SHELLS: Readonly<Record<Shell, (name: string, nodes: readonly CommandNode[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

/** `tfserving completion`: what a shell reads to complete commands, options and their values. */
export function addCompletion(program: Command, output: Output): void {
  program
    .command("completion")
    .description("print what a shell reads to complete this program's words")
    .addArgument(new Argument("<shell>", "your shell").choices(Object.keys(SHELLS)))
    .addHelpText("after", HELP)
    .action((shell: Shell) => output.line(SHELLS[shell](program.name(), readCommandTree(program))));
}

const HELP = `
Put the line of your shell where it is read at its start:
  bash  ~/.bashrc                   source <(tfserving completion bash)
  zsh   ~/.zshrc, behind compinit   source <(tfserving completion zsh)
  fish  ~/.config/fish/config.fish  tfserving completion fish | source

Example:
  $ tfserving completion bash > /etc/bash_completion.d/tfserving

Exit codes: 0 ok, 1 wrong usage.`;
