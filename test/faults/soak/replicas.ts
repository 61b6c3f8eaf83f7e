import { setTimeout as pause } from "node:timers/promises";
import { createClient } from "../../../src/assembly/create-client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import { tensor } from "../../../src/tensor/build-tensor.ts";
import type { Fault } from "../../../src/testing/faults.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { createTestServer, type TestServer, type TestServerOptions } from "../../../src/testing/test-server.ts";
import type { Report } from "./report.ts";

const PER_SECOND = 100;
const EVEN_CALLS = 3_000;
const EVEN_AT_ONCE = 16;
const RESTARTS = 3;
/** What an answer takes: servers that take no time are as unequal as the event loop that they share. */
const USUAL: Fault = { delayMs: 5 };

type Wire = "grpc" | "rest";

interface Ends {
  readonly failed: number;
  readonly tookMs: readonly number[];
}

/** L1, L2, L6 and a rolling restart: three replicas of which one is sick, over real sockets on both wires. */
export async function soakReplicas({ seconds = 10 }: { seconds?: number }): Promise<Report> {
  const figures: Record<string, Record<string, number>> = {};
  const breaches: string[] = [];
  for (const wire of ["grpc", "rest"] as const) {
    const found = await measure(wire, seconds);
    figures[wire] = found;
    for (const [name, most] of Object.entries(MOST)) {
      if (found[name]! > most) breaches.push(`${wire}: ${name} is ${found[name]}, ${most} at most`);
    }
  }
  return { figures, breaches };
}

/** What was promised of a client as it is made; what it does without retries is told beside it. Shares are percent. */
const MOST: Readonly<Record<string, number>> = {
  failsFailed: 0.5,
  hangsFailed: 1,
  slowShare: 5,
  slowP99Ratio: 2,
  evenRatio: 1.15,
  restartFailed: 0.1,
};

async function measure(wire: Wire, seconds: number): Promise<Record<string, number>> {
  const brief = { timeoutMs: 500, attemptTimeoutMs: 150 };
  const fails = await withSick(wire, seconds, { reset: true }, {});
  const failsOnce = await withSick(wire, seconds, { reset: true }, { maxRetries: 0 });
  const hangs = await withSick(wire, seconds, { hang: true }, brief);
  const hangsOnce = await withSick(wire, seconds, { hang: true }, { ...brief, maxRetries: 0 });
  const slow = await withSick(wire, seconds, { delayMs: 200 }, {}, USUAL);
  const pair = await over(wire, 2, {}, async (servers, client) => {
    for (const server of servers) server.inject(USUAL);
    return load(client, seconds);
  });
  const restart = await restarts(wire);
  return rounded({
    failsFailed: percent(fails.failed, fails.calls),
    failsFailedWithoutRetry: percent(failsOnce.failed, failsOnce.calls),
    hangsFailed: percent(hangs.failed, hangs.calls),
    hangsFailedWithoutRetry: percent(hangsOnce.failed, hangsOnce.calls),
    slowShare: percent(slow.atSick, slow.calls),
    slowP99Ms: p99(slow.tookMs),
    healthyP99Ms: p99(pair.tookMs),
    slowP99Ratio: p99(slow.tookMs) / p99(pair.tookMs),
    evenRatio: await evenness(wire),
    restartFailed: percent(restart.failed, restart.tookMs.length),
    restartCalls: restart.tookMs.length,
  });
}

async function withSick(wire: Wire, seconds: number, sick: Fault, options: ClientOptions, healthy?: Fault) {
  return over(wire, 3, options, async (servers, client) => {
    const [one, two, three] = servers as [TestServer, TestServer, TestServer];
    three.inject(sick);
    if (healthy !== undefined) for (const server of [one, two]) server.inject(healthy);
    const { failed, tookMs } = await load(client, seconds);
    return { failed, tookMs, calls: tookMs.length, atSick: three.calls.length };
  });
}

async function evenness(wire: Wire): Promise<number> {
  return over(wire, 3, {}, async (servers, client) => {
    for (const server of servers) server.inject(USUAL);
    let left = EVEN_CALLS;
    const caller = async () => {
      while (left-- > 0) await ask(client);
    };
    await Promise.all(Array.from({ length: EVEN_AT_ONCE }, caller));
    const counts = servers.map(({ calls }) => calls.length);
    return Math.max(...counts) / Math.min(...counts);
  });
}

/** One after the other is away for half a second, three times over. */
async function restarts(wire: Wire): Promise<Ends> {
  return over(wire, 3, {}, async (servers, client) => {
    const loading = load(client, RESTARTS * servers.length * 1.5 + 1);
    for (let round = 0; round < RESTARTS * servers.length; round++) {
      const index = round % servers.length;
      const server = servers[index]!;
      const { grpcAddress, restAddress } = server;
      const ports = { grpcPort: Number(new URL(grpcAddress).port), restPort: Number(new URL(restAddress).port) };
      await pause(1_000);
      await server.close();
      await pause(500);
      servers[index] = await start(ports);
    }
    return loading;
  });
}

async function over<T>(
  wire: Wire,
  count: number,
  options: ClientOptions,
  use: (servers: TestServer[], client: ServingClient) => Promise<T>,
): Promise<T> {
  const servers: TestServer[] = [];
  for (let n = 0; n < count; n++) servers.push(await start());
  const addresses = servers.map(({ grpcAddress, restAddress }) => (wire === "grpc" ? grpcAddress : restAddress));
  const client = createClient(addresses, options);
  try {
    return await use(servers, client);
  } finally {
    await client.close({ timeoutMs: 0 });
    await Promise.all(servers.map((server) => server.close()));
  }
}

const start = (options: Partial<TestServerOptions> = {}) => createTestServer({ models: { echo }, ...options });

/** Calls at a steady rate, whatever becomes of them. */
async function load(client: ServingClient, seconds: number): Promise<Ends> {
  const tookMs: number[] = [];
  let failed = 0;
  const calls: Promise<unknown>[] = [];
  const startedAt = performance.now();
  for (let due = 0; due < seconds * 1_000; due += 1_000 / PER_SECOND) {
    const waitMs = startedAt + due - performance.now();
    if (waitMs > 0) await pause(waitMs);
    const at = performance.now();
    calls.push(
      ask(client)
        .catch(() => failed++)
        .finally(() => tookMs.push(performance.now() - at)),
    );
  }
  await Promise.all(calls);
  return { failed, tookMs };
}

function ask(client: ServingClient): Promise<unknown> {
  return client.predict({ model: "echo", inputs: { x: tensor.float32([1]) } });
}

function p99(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;
}

const percent = (part: number, whole: number) => (100 * part) / whole;

function rounded(values: Record<string, number>): Record<string, number> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Math.round(value * 1_000) / 1_000]));
}
