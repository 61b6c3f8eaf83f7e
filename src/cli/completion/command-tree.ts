import type { Command, Option } from "commander";

/** What can be completed behind one command. */
export interface CommandNode {
  /** The words that lead here, behind the program's name: `config check`, or nothing for the program itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  readonly options: readonly OptionNode[];
  /** What its arguments are: files, one of these words, or something that cannot be guessed. */
  readonly argument: Value;
}

export interface OptionNode {
  /** Long and short, with their dashes. */
  readonly names: readonly string[];
  readonly description: string;
  /** Nothing for a flag. */
  readonly value: Value | undefined;
}

export type Value = "file" | "unknown" | readonly string[];

/** A program and all of its commands, as they are: completion is made of this, so that it knows no command too many or few. */
export function readCommandTree(program: Command): CommandNode[] {
  return nodesOf(program, "");
}

function nodesOf(command: Command, path: string): CommandNode[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const node: CommandNode = {
    path,
    commands: commands.map((inner) => ({ name: inner.name(), description: firstSentence(inner.description()) })),
    options: help.visibleOptions(command).map(toOption),
    argument: argumentOf(command),
  };
  const inner = commands
    .filter((each) => each.name() !== "help")
    .flatMap((each) => nodesOf(each, `${path} ${each.name()}`.trim()));
  return [node, ...inner];
}

function toOption({ flags, long, short, description, argChoices, required, optional }: Option): OptionNode {
  const takesValue = required || optional;
  return {
    names: [long, short].filter((name) => typeof name === "string"),
    description: firstSentence(description),
    value: takesValue ? (argChoices ?? (/file|path/.test(flags) ? "file" : "unknown")) : undefined,
  };
}

function argumentOf({ registeredArguments }: Command): Value {
  for (const argument of registeredArguments) {
    if (argument.argChoices !== undefined) return argument.argChoices;
    if (/file|from|to/.test(argument.name())) return "file";
  }
  return "unknown";
}

/** What stands in a list beside a name: no examples and no defaults. */
function firstSentence(description: string): string {
  return (description.split(/[;:(]| - /)[0] ?? "").trim();
}
