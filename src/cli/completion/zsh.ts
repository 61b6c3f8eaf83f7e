import type { CommandNode, Value } from "./command-tree.ts";

/** Completion for zsh: sourced behind compinit, or a file \`_tfserving\` in a folder of \`fpath\`. */
export function zshCompletion(name: string, nodes: readonly CommandNode[]): string {
  const paths = nodes
    .filter(({ path }) => path !== "")
    .map(({ path }) => quote(path.includes(" ") ? path : ` ${path}`));
  return `#compdef ${name}
# zsh completion of ${name}: source <(${name} completion zsh)
_${name}() {
  local at="" i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    case "$at \${words[i]}" in
      ${paths.join("|")}) at="\${at:+$at }\${words[i]}" ;;
    esac
  done
  case "$at \${words[CURRENT - 1]}" in
${valueCases(nodes)}
  esac
  if [[ \${words[CURRENT]} == -* ]]; then
    case "$at" in
${nodes.map(({ path, options }) => `      ${quote(path)}) found=(${options.flatMap(({ names, description }) => names.map((each) => described(each, description))).join(" ")}) ;;`).join("\n")}
    esac
    _describe -o option found
  else
    case "$at" in
${nodes.map((node) => `      ${quote(node.path)}) ${action(node)} ;;`).join("\n")}
    esac
  fi
}
if [[ \${funcstack[1]} == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi`;
}

function action({ commands, argument }: CommandNode): string {
  if (commands.length === 0) return valueAction(argument);
  return `found=(${commands.map(({ name, description }) => described(name, description)).join(" ")}); _describe command found`;
}

function valueCases(nodes: readonly CommandNode[]): string {
  const byAction = new Map<string, string[]>();
  for (const { path, options } of nodes) {
    for (const { names, value } of options) {
      if (value === undefined) continue;
      const cases = byAction.get(valueAction(value)) ?? [];
      byAction.set(valueAction(value), [...cases, ...names.map((name) => quote(`${path} ${name}`))]);
    }
  }
  return [...byAction].map(([run, cases]) => `    ${cases.join("|")}) ${run}; return ;;`).join("\n");
}

function valueAction(value: Value): string {
  if (value === "file") return "_files";
  return value === "unknown" ? "true" : `compadd -- ${value.map(quote).join(" ")}`;
}

function described(name: string, description: string): string {
  return quote(`${name.replaceAll(":", "\\:")}:${description}`);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
