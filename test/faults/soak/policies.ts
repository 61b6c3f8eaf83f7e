import { createClientOver } from "../../../src/client/client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { toSettings } from "../../../src/client/settings.ts";
import type { Transport } from "../../../src/contract/transport.ts";
import type { Report } from "./report.ts";

const MOST_US = 20;
const CALLS = 20_000;
const ANSWER = { outputs: {}, modelSpec: { name: "m" } };

/** A wire that costs nothing. */
const wire: Transport = {
  name: "grpc",
  endpoint: "grpc://localhost:8500",
  call: (async () => ANSWER) as unknown as Transport["call"],
  async close() {},
};

const EVERYTHING: ClientOptions = {
  attemptTimeoutMs: 1_000,
  hedging: { delayMs: 1_000 },
  concurrency: {},
  auth: "Bearer token",
};

/** R8: what a call costs above its transport, in the median, in microseconds. */
export async function soakPolicies(): Promise<Report> {
  const figures = { defaultsUs: await medianUs({}), everythingUs: await medianUs(EVERYTHING) };
  const breaches = Object.entries(figures)
    .filter(([, found]) => found > MOST_US)
    .map(([name, found]) => `${name} is ${found}, ${MOST_US} at most`);
  return { figures, breaches };
}

async function medianUs(options: ClientOptions): Promise<number> {
  const client = createClientOver(wire, toSettings(options, true));
  const request = { model: "m", inputs: {} };
  const tookUs: number[] = [];
  for (let call = 0; call < CALLS; call++) {
    const startedAt = performance.now();
    await client.predict(request);
    tookUs.push((performance.now() - startedAt) * 1_000);
  }
  // The first half is before the code was compiled.
  const warm = tookUs.slice(CALLS / 2).sort((a, b) => a - b);
  return Math.round(warm[warm.length / 2]! * 10) / 10;
}
