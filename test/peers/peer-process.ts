import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const STOP_GRACE_MS = 10_000;

export interface PeerProcess<R> {
  /** What it printed when it was ready. */
  readonly ready: R;
  /** Ends it: it leaves when its standard input ends, and is killed if it does not. */
  stop(): Promise<void>;
}

/**
 * Starts a script of this folder that prints one line of JSON when it is ready and ends with its standard input, so
 * that it never outlives the tests.
 */
export async function startPeer<R>(
  python: string,
  script: string,
  args: readonly string[] = [],
): Promise<PeerProcess<R>> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = spawn(python, [path, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  let complaints = "";
  child.stderr.on("data", (chunk: Buffer) => {
    complaints = (complaints + chunk.toString()).slice(-4000);
  });
  const exited = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const spawned = once(child, "spawn");
  const line = new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("close", (code) => reject(new Error(`${script} ended with ${code} before it was ready: ${complaints}`)));
  });
  await spawned;
  return {
    ready: JSON.parse(await line) as R,
    async stop() {
      child.stdin.end();
      const kill = setTimeout(() => child.kill("SIGKILL"), STOP_GRACE_MS);
      await exited;
      clearTimeout(kill);
    },
  };
}
