import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Starts `leaking-server.ts`; its address and process number. */
export async function startServer(): Promise<{ address: string; pid: number } & AsyncDisposable> {
  const program = fileURLToPath(new URL("./leaking-server.ts", import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ["pipe", "pipe", "inherit"] });
  const ended = new Promise<void>((resolve) => child.on("close", () => resolve()));
  const address = await new Promise<string>((resolve, reject) => {
    child.stdout.setEncoding("utf8").once("data", (line: string) => resolve(line.trim()));
    child.once("close", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const { pid } = child;
  if (pid === undefined) throw new Error("the server did not start");
  return {
    address,
    pid,
    [Symbol.asyncDispose]: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
