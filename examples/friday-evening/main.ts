/**
 * Friday evening. A new version of the model is rolled out, every check is green, and ten minutes later the server is dead:
 * each prediction kept 50 MB. Here it happens again, with a process that really takes the memory, and is stopped in time.
 *
 *   node examples/friday-evening/main.ts
 */
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createClient, type ServingClient } from "tfserving";
import { createHealthCheck, type MemorySource, procMemory, type SoakReport, soak } from "tfserving/health";
import { startServer } from "./start-server.ts";

const EXAMPLE = { features: [1, 2, 5] };
const EXPECTED = { scores: [2.5, 3, 4.5] };

await using server = await startServer();
await using client = createClient(server.address);

at("17:42", "versions 46 and 47 of the ranker are loaded; 47 is to take over");

at("17:43", "the checks there used to be");
tell("TCP connect", await tcpConnects(server.address));
tell(
  "model status",
  (await client.getModelStatus({ model: "ranker", version: 47 })).versions[0]?.state === "AVAILABLE",
);
tell("one prediction, right and in time", await predictsOnce(client)); // prints         one prediction, right and in time                green
console.log("        Everybody goes home. At 0.8 predictions a second, 24 GB are gone in ten minutes.");

at("17:44", "the same version, soaked: up to 100 predictions, memory read after each");
const bad = await soakVersion(47);
verdict(bad);
console.log(
  `        ${bad.predictions} predictions were sent, ${gigabytes(bad.growthBytes)} spent, of 32 GB. Then the fuse stopped it.`,
);

at("17:45", "and version 46, for comparison");
verdict(await soakVersion(46));
console.log("        Version 46 keeps the traffic. Everybody goes home.");

async function soakVersion(version: number): Promise<SoakReport> {
  return soak(client, {
    model: "ranker",
    version,
    inputs: EXAMPLE,
    memory: memoryOf(version),
    onProgress: ({ predictions, bytes, growthBytes }) => {
      if (predictions % 5 !== 0 || predictions > 20) return;
      const bar = "#".repeat(Math.max(0, Math.round((growthBytes ?? 0) / 25e6)));
      console.log(`        ${String(predictions).padStart(3)} predictions  ${gigabytes(bytes)}  ${bar}`);
    },
  });
}

/** What a load balancer does. */
function tcpConnects(address: string): Promise<boolean> {
  const { hostname, port } = new URL(address.replace("grpc:", "http:"));
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname, () => resolve(true)).on("error", () => resolve(false));
    socket.on("connect", () => socket.end());
  });
}

/** What the best of the old checks does: one real prediction, with the right values. */
async function predictsOnce(of: ServingClient): Promise<boolean> {
  const health = createHealthCheck(of, {
    model: "ranker",
    version: 47,
    inputs: EXAMPLE,
    expect: EXPECTED,
    maxLatencyMs: 2_000,
  });
  return (await health.check()).status === "pass";
}

/** Only Linux tells the memory of another process. Elsewhere it is made up, so that the story can be told. */
function memoryOf(version: number): MemorySource {
  if (existsSync("/proc/self/status")) return procMemory(server.pid, { limitBytes: 32e9 });
  let reads = 0;
  const each = version === 47 ? 50e6 : 0;
  return { name: "made-up memory", read: async () => ({ bytes: 8e9 + each * reads++, limitBytes: 32e9 }) };
}

function at(time: string, what: string): void {
  console.log(`\n${time}   ${what}`);
}

function tell(check: string, green: boolean): void {
  console.log(`        ${check.padEnd(48)} ${green ? "green" : "RED"}`);
}

function verdict(report: SoakReport): void {
  tell(`soak: ${report.verdict}`, report.verdict === "stable");
  console.log(`        ${report.output}`);
}

function gigabytes(bytes = 0): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}
