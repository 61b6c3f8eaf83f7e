import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { startHttp1Server } from "../lab/http1-server.ts";
import { startHttp2Server } from "../lab/http2-server.ts";
import { Scenario } from "../lab/scenario.ts";
import { listenTcp } from "../lab/tcp-server.ts";
import type { Report } from "./report.ts";

const PROGRAM = fileURLToPath(new URL("short-life.ts", import.meta.url));
const LIMIT_MS = 1_000;
/** What keeps a process alive does so each time; a machine that is busy at that moment does not. */
const TRIES = 5;

/** T2: a process whose clients are closed exits by itself, whatever the server did to their calls. */
export async function soakExit({ seed = 1 }: { seed?: number }): Promise<Report> {
  const { scripts } = new Scenario(seededRandom(seed), 0.5);
  const silent = await listenTcp(() => {});
  const servers = [await startHttp2Server(scripts.grpc), await startHttp1Server(scripts.rest), silent];
  const addresses: Readonly<Record<string, string>> = {
    "a faulty gRPC server": `grpc://127.0.0.1:${servers[0]!.port}`,
    "a faulty REST server": `http://127.0.0.1:${servers[1]!.port}`,
    "a silent gRPC server": `grpc://127.0.0.1:${silent.port}`,
    "a silent REST server": `http://127.0.0.1:${silent.port}`,
  };
  const figures: Record<string, number | string> = {};
  const breaches: string[] = [];
  for (const [name, address] of Object.entries(addresses)) {
    let { lingeredMs, code } = await lifeOf(address);
    for (let tries = 1; tries < TRIES && code === 0 && lingeredMs > LIMIT_MS; tries++)
      ({ lingeredMs, code } = await lifeOf(address));
    figures[name] = Math.round(lingeredMs);
    if (code !== 0) breaches.push(`${name}: exit code ${code}`);
    if (lingeredMs > LIMIT_MS)
      breaches.push(`${name}: the process lived on for ${Math.round(lingeredMs)} ms after close`);
  }
  await Promise.all(servers.map((server) => server.close()));
  return { figures, breaches };
}

async function lifeOf(address: string): Promise<{ lingeredMs: number; code: number | null }> {
  const child = fork(PROGRAM, [address]);
  let closedAt = Number.NEGATIVE_INFINITY;
  child.once("message", () => {
    closedAt = performance.now();
  });
  const kill = setTimeout(() => child.kill(), 60 * LIMIT_MS);
  const code = await new Promise<number | null>((resolve) => child.once("exit", resolve));
  clearTimeout(kill);
  return { lingeredMs: performance.now() - closedAt, code };
}
