import { execFile } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** It runs TypeScript as it is. */
const NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");

async function soak(...options: string[]): Promise<Readonly<Record<string, unknown>>> {
  const { NODE_OPTIONS: _options, ...env } = process.env;
  const run = promisify(execFile)(NODE, ["test/faults/soak.ts", ...options], { cwd: ROOT, env });
  // A broken promise is in the report too, besides the exit code.
  const { stdout } = await run.catch((error: Error & { stdout?: string }) => {
    if (!error.stdout?.includes('{"soak":')) throw error;
    return { stdout: error.stdout };
  });
  return { ...JSON.parse(stdout.trim().split("\n").at(-1) as string), breaches: stdout };
}

describe("short runs of the soak", () => {
  it("processes end within a second after their clients were closed", { timeout: 300_000 }, async () => {
    expect(await soak("exit", "--seed", "7")).toMatchObject({ ok: true });
  });

  it("memory stays where it is, over both wires, with one call in twenty failing", { timeout: 600_000 }, async () => {
    // Over so few calls the noise of the heap is a hundred bytes for each, and now and then more: a leak comes each time.
    let report = await soak("heap", "--calls", "8000", "--bytes-per-call", "300");
    for (const seed of ["2", "3"]) {
      expect(report).toMatchObject({ calls: 8_000, wrong: 0 });
      if (Number(report["heapBytesPerCall"]) <= 300) break;
      report = await soak("heap", "--calls", "8000", "--bytes-per-call", "300", "--seed", seed);
    }
    expect(report).toMatchObject({ ok: true, calls: 8_000, wrong: 0 });
  });
});
