import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createTestServer, halfPlusTwo, type TestServer } from "../../../src/testing.ts";

const CLI = fileURLToPath(new URL("../../../src/cli.ts", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "tfserving-unwritable-"));
const MODELS = "models.json";
const HALF = ["-m", "half_plus_two"];

let server: TestServer;
/** Open for reading alone: each write to it fails, as to a disk that is full. */
let unwritable: number;

beforeAll(async () => {
  writeFileSync(join(folder, MODELS), JSON.stringify({ models: [{ name: "m", basePath: "/models/m" }] }));
  unwritable = openSync(join(folder, MODELS), "r");
  server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
});
afterAll(async () => {
  await server.close();
  closeSync(unwritable);
  rmSync(folder, { recursive: true });
});

async function run(args: readonly string[], stdin = "") {
  const child = spawn(process.execPath, [CLI, ...args], {
    cwd: folder,
    stdio: ["pipe", unwritable, "pipe"],
    env: { ...process.env, NODE_OPTIONS: "", NO_COLOR: "1" },
  });
  child.stdin?.on("error", () => {}).end(stdin);
  let complaints = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const [code] = await once(child, "close");
  return { code, complaints };
}

describe("a standard output that cannot be written", () => {
  it.each([
    "--version",
    "--help",
    `config print ${MODELS}`,
    "completion bash",
    "status -m half_plus_two",
    "metadata -m half_plus_two",
    "predict -m half_plus_two -i x=[1]",
    "wait -m half_plus_two",
    "health -m half_plus_two",
    "watch -m half_plus_two --no-probe",
    "status -m half_plus_two --watch",
  ])("ends %s with one line and exit code 3", async (line) => {
    const args = line.split(" ");
    const { code, complaints } = await run(args.includes("-m") ? [...args, server.restAddress] : args);
    expect(complaints).toBe("tfserving: cannot write to standard output: EBADF: bad file descriptor, write\n");
    expect(code).toBe(3);
  });

  it("is told as JSON where that was asked for", async () => {
    const { code, complaints } = await run(["status", server.restAddress, ...HALF, "--json"]);
    expect(JSON.parse(complaints)).toEqual({
      error: {
        exitCode: 3,
        exit: "rpc",
        message: "cannot write to standard output: EBADF: bad file descriptor, write",
      },
    });
    expect(code).toBe(3);
  });

  it("ends score with what it scored unwritten, rows left or not", async () => {
    const rows = Array.from({ length: 5_000 }, (_, row) => `${row}\n`).join("");
    for (const stdin of ["1\n", rows]) {
      const { code, complaints } = await run(["score", server.grpcAddress, ...HALF], stdin);
      expect(complaints).toMatch(/^tfserving: cannot write .*: EBADF: bad file descriptor, write\n$/);
      expect(code).toBe(3);
    }
  });

  it("leaves a check that failed its own exit code", async () => {
    const { code, complaints } = await run(["health", server.restAddress, "-m", "none"]);
    expect(complaints).toMatch(/^tfserving: cannot write to standard output: EBADF.*\n$/);
    expect(code).toBe(4);
  });
});
