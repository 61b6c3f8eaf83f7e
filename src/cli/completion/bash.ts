import type { CommandNode, Value } from "./command-tree.ts";

/** Completion for bash 3.2 and newer, which needs no other package. */
export function bashCompletion(name: string, nodes: readonly CommandNode[]): string {
  const paths = nodes
    .filter(({ path }) => path !== "")
    .map(({ path }) => quote(path.includes(" ") ? path : ` ${path}`));
  return `# bash completion of ${name}: source <(${name} completion bash)
_${name}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD - 1]}" at="" words="" i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at \${COMP_WORDS[i]}" in
      ${paths.join(" | ")}) at="\${at:+$at }\${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
${valueCases(nodes)}
  esac
  if [[ $cur == -* ]]; then
    case "$at" in
${nodes.map(({ path, options }) => `      ${quote(path)}) words=${quote(options.flatMap(({ names }) => names).join(" "))} ;;`).join("\n")}
    esac
  else
    case "$at" in
${nodes.map((node) => `      ${quote(node.path)}) ${words(node)} ;;`).join("\n")}
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o default -F _${name} ${name}`;
}

function words({ commands, argument }: CommandNode): string {
  if (commands.length > 0) return `words=${quote(commands.map(({ name }) => name).join(" "))}`;
  if (argument === "file") return "return";
  return argument === "unknown" ? NOTHING : `words=${quote(argument.join(" "))}`;
}

/** No files where no file is wanted. */
const NOTHING = "compopt +o default 2>/dev/null; return";

function valueCases(nodes: readonly CommandNode[]): string {
  const byAction = new Map<string, string[]>();
  for (const { path, options } of nodes) {
    for (const { names, value } of options) {
      if (value === undefined) continue;
      const cases = byAction.get(actionOf(value)) ?? [];
      byAction.set(actionOf(value), [...cases, ...names.map((name) => quote(`${path} ${name}`))]);
    }
  }
  return [...byAction].map(([action, cases]) => `    ${cases.join(" | ")}) ${action} ;;`).join("\n");
}

function actionOf(value: Value): string {
  if (value === "file") return "return";
  if (value === "unknown") return NOTHING;
  return `COMPREPLY=($(compgen -W ${quote(value.join(" "))} -- "$cur")); return`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
