import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/**
 * Runs a TypeScript program as a reader would, on the Node.js that the repository pins; its output.
 *
 * @throws Error with all of the output when it does not end well within `timeoutMs`
 */
export async function runProgram(file: string, timeoutMs = 150_000): Promise<string> {
  const { TFS_ADDRESS: _unset, NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(NODE, [file], { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"], timeout: timeoutMs });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ending = await new Promise<string | number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => resolve(code ?? signal ?? "unknown"));
  });
  if (ending !== 0) throw new Error(`${file} ended with ${ending}\n${stdout}\n${stderr}`);
  return stdout;
}

/** What a program says it prints: the texts after `// prints`, in their order. */
export function announced(source: string): string[] {
  return [...source.matchAll(/\/\/ prints (.*)$/gm)].map(([, text]) => text as string);
}
