import { spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

/** Starts `leaking-server.ts` as a process of its own. */
export async function startLeakingServer(): Promise<{ address: string; pid: number } & AsyncDisposable> {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const child = spawn(NODE, [join(ROOT, "test", "health-sim", "leaking-server.ts")], {
    env,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    let text = "";
    child.stdout.setEncoding("utf8").on("data", (piece: string) => {
      text += piece;
      if (text.includes("\n")) resolve(text.trim());
    });
    child.on("close", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return {
    address,
    pid: child.pid as number,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
