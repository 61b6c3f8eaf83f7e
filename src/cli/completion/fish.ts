import type { CommandNode, OptionNode, Value } from "./command-tree.ts";

/** Completion for fish: piped to source, or a file in its folder `completions`. */
export function fishCompletion(name: string, nodes: readonly CommandNode[]): string {
  const paths = nodes.filter(({ path }) => path !== "").map(({ path }) => quote(path));
  const lines = nodes.flatMap((node) => linesOf(name, node));
  return `# fish completion of ${name}: ${name} completion fish | source
function __${name}_at
  set -l at
  for word in (commandline -opc)[2..-1]
    set -l longer (string join -- ' ' $at $word)
    contains -- "$longer" ${paths.join(" ")}; and set at $longer
  end
  test "$at" = "$argv[1]"
end
complete -c ${name} -f
${lines.join("\n")}`;
}

function linesOf(name: string, { path, commands, options, argument }: CommandNode): string[] {
  const start = `complete -c ${name} -n ${quote(`__${name}_at ${quote(path)}`)}`;
  const values =
    commands.length > 0 ? [] : [`${start}${valueFlags(argument, "argument")}`].filter((line) => line !== start);
  return [
    ...commands.map((each) => `${start} -a ${quote(each.name)} -d ${quote(each.description)}`),
    ...values,
    ...options.map((option) => `${start}${optionOf(option)}`),
  ];
}

function optionOf({ names, description, value }: OptionNode): string {
  const flags = names.map((name) => (name.startsWith("--") ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`));
  return `${flags.join("")}${value === undefined ? "" : valueFlags(value, "option")} -d ${quote(description)}`;
}

function valueFlags(value: Value, of: "option" | "argument"): string {
  const takes = of === "option" ? (value === "file" ? " -r" : " -x") : "";
  if (value === "file") return `${takes} -F`;
  return value === "unknown" ? takes : `${takes} -a ${quote(value.join(" "))}`;
}

/** Fish knows no other escapes between single quotes. */
function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
