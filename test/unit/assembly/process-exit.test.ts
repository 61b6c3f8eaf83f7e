import { spawn } from "node:child_process";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const NODE = join(ROOT, "node_modules", "node", "bin", process.platform === "win32" ? "node.exe" : "node");
const CHILD = fileURLToPath(new URL("exit-child.ts", import.meta.url));

/** Idle connections are kept for 4 s (REST) and half an hour (gRPC), names are looked up every 15 s. */
const SOON_MS = 1_500;
/** What keeps a process alive does so each time; a machine that is busy at that moment does not. */
const TRIES = 5;

let servers: TestServer[] = [];
beforeAll(async () => {
  const models = { half_plus_two: halfPlusTwo };
  servers = [await createTestServer({ models }), await createTestServer({ models })];
});
afterAll(async () => {
  for (const server of servers) await server.close();
});

/** Runs the program until it once ends soon, or as often as there are tries. */
async function run(scenario: string, ...addresses: string[]) {
  let ended = await runOnce(scenario, ...addresses);
  for (let tries = 1; tries < TRIES && ended.lingeredMs > SOON_MS; tries++)
    ended = await runOnce(scenario, ...addresses);
  return ended;
}

/** Runs the program; what its calls came to, and how long it took to end after that. */
async function runOnce(scenario: string, ...addresses: string[]) {
  const child = spawn(NODE, [CHILD, scenario, ...addresses], { stdio: ["ignore", "pipe", "pipe"], timeout: 50_000 });
  let out = "";
  let complaints = "";
  let doneAt = Number.NaN;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out += text;
    doneAt = performance.now();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaints += text;
  });
  const code = await new Promise((resolve) => child.on("close", resolve));
  const outcomes: unknown = out === "" ? undefined : JSON.parse(out);
  return { code, complaints, outcomes, lingeredMs: performance.now() - doneAt };
}

describe.each(["grpcAddress", "restAddress"] as const)("a process whose work is done (%s)", (address) => {
  it.each([
    ["closed", ["ok"]],
    ["left open", ["ok", "ok", "ok"]],
    ["replicas left open", ["ok", "ok", "ok", "ok", "ok", "ok"]],
    ["name left open", ["ok"]],
  ])("ends by itself with the client %s", async (scenario, outcomes) => {
    const ended = await run(scenario, servers[0]![address], servers[1]![address]);
    expect(ended).toMatchObject({ code: 0, outcomes, complaints: "" });
    expect(ended.lingeredMs).toBeLessThan(SOON_MS);
  });

  it("ends by itself after a close that cut calls off, in a connection and in a pause", async () => {
    const silent = createServer((socket) => socket.on("error", () => {}).resume());
    const refusing = createServer((socket) => socket.on("error", () => {}).destroy());
    const scheme = address === "grpcAddress" ? "grpc" : "http";
    const listening = await Promise.all(
      [silent, refusing].map(
        (server) =>
          new Promise<string>((resolve) =>
            server.listen(0, "127.0.0.1", () =>
              resolve(`${scheme}://127.0.0.1:${(server.address() as AddressInfo).port}`),
            ),
          ),
      ),
    );
    try {
      const ended = await run("closed under way", ...listening);
      expect(ended).toMatchObject({ code: 0, outcomes: ["closed", "closed"], complaints: "" });
      expect(ended.lingeredMs).toBeLessThan(SOON_MS);
    } finally {
      silent.close();
      refusing.close();
    }
  });
});
