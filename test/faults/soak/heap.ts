import { fork } from "node:child_process";
import { getEventListeners } from "node:events";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createClient } from "../../../src/assembly/create-client.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { modelOf } from "../lab/arrivals.ts";
import type { Report } from "./report.ts";

const SERVER = fileURLToPath(new URL("fault-server.ts", import.meta.url));
const CONCURRENCY = 16;
/** Measured this often between the warm-up and the end. */
const SAMPLES = 20;

const LIMITS = { bytesPerCall: 5, rssRiseBytes: 16 << 20 };
/** RSS says something when the heap has found its size, after this many calls. */
const CALLS_FOR_RSS = 100_000;

/** T1: mixed calls over both wires with 5 % faults. Memory must not grow with them, handles and listeners not at all. */
export async function soakHeap({
  calls = 200_000,
  seed = 1,
  bytesPerCall = LIMITS.bytesPerCall,
}: {
  calls?: number;
  seed?: number;
  bytesPerCall?: number;
}): Promise<Report> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const server = fork(SERVER, [String(seed), "0.05"]);
  const addresses = await new Promise<{ grpc: string; rest: string }>((resolve) =>
    server.once("message", (message) => resolve(message as { grpc: string; rest: string })),
  );
  const clients = [createClient(addresses.grpc), createClient(addresses.rest)] as const;
  const random = seededRandom(seed);
  const { signal } = new AbortController();
  const counts = { answered: 0, failed: 0, wrong: 0 };

  let made = 0;
  const run = async (until: number) => {
    const worker = async () => {
      while (made < until) {
        const call = ++made;
        await one(clients[call % 2]!, call, signal, random, counts);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  };
  const measure = async () => {
    // Two rounds: the first lets finalizers run, the second takes what they let go.
    for (let round = 0; round < 2; round++) {
      collect();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const { heapUsed, rss } = process.memoryUsage();
    const sockets = process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    return { calls: made, heapUsed, rss, sockets, listeners: getEventListeners(signal, "abort").length };
  };

  await run(calls * 0.2);
  const samples = [await measure()];
  for (let sample = 1; sample <= SAMPLES; sample++) {
    await run(calls * (0.2 + (0.8 * sample) / SAMPLES));
    samples.push(await measure());
  }
  await Promise.all(clients.map((client) => client.close()));
  server.disconnect();

  const slope = theilSen(samples.map(({ calls: x, heapUsed: y }) => [x, y] as const));
  const rssRise = samples.at(-1)!.rss - samples[0]!.rss;
  const most = (pick: (sample: (typeof samples)[number]) => number) => Math.max(...samples.map(pick));
  const breaches: string[] = [];
  if (made !== calls) breaches.push(`${made} calls of ${calls} settled`);
  if (counts.wrong > 0) breaches.push(`${counts.wrong} wrong answers`);
  if (slope > bytesPerCall)
    breaches.push(`the heap grows by ${slope.toFixed(1)} bytes a call, the limit is ${bytesPerCall}`);
  if (calls >= CALLS_FOR_RSS && rssRise > LIMITS.rssRiseBytes)
    breaches.push(`RSS rose by ${rssRise >> 20} MiB, the limit is 16`);
  if (most(({ listeners }) => listeners) > 0) breaches.push("listeners stay on the caller's signal");
  // Those that a fault has ended may not have gone yet.
  if (most(({ sockets }) => sockets) > 2 * CONCURRENCY)
    breaches.push(`${most(({ sockets }) => sockets)} sockets for ${CONCURRENCY} calls`);
  return {
    figures: {
      calls: made,
      ...counts,
      heapBytesPerCall: Number(slope.toFixed(2)),
      heapMiB: samples.map(({ heapUsed }) => Number((heapUsed / 2 ** 20).toFixed(2))),
      rssRiseMiB: Number((rssRise / 2 ** 20).toFixed(1)),
      sockets: most(({ sockets }) => sockets),
    },
    breaches,
  };
}

async function one(
  client: ServingClient,
  call: number,
  signal: AbortSignal,
  random: () => number,
  counts: { answered: number; failed: number; wrong: number },
): Promise<void> {
  const size = random() < 0.02 ? 10_000 : 1 + Math.floor(random() * 32);
  const data = new Float32Array(size).fill(call);
  try {
    const { outputs } = await client.predict(
      { model: modelOf(call), inputs: { x: new Tensor("float32", [size], data) } },
      { timeoutMs: 250, signal },
    );
    if (Object.values(outputs)[0]?.data[0] === Math.fround(call)) counts.answered++;
    else counts.wrong++;
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    counts.failed++;
  }
}

/** The median of the slopes between all pairs: one odd sample does not move it. */
function theilSen(points: readonly (readonly [number, number])[]): number {
  const slopes: number[] = [];
  points.forEach(([x1, y1], first) => {
    for (const [x2, y2] of points.slice(first + 1)) slopes.push((y2 - y1) / (x2 - x1));
  });
  slopes.sort((a, b) => a - b);
  return slopes[Math.floor(slopes.length / 2)] ?? 0;
}
