import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createClientOver } from "../../../src/client/client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import { toSettings } from "../../../src/client/settings.ts";
import type { Transport } from "../../../src/contract/transport.ts";

const ANSWER = { outputs: {}, modelSpec: { name: "m" } };

/** A wire that costs nothing. */
const wire: Transport = {
  name: "grpc",
  endpoint: "grpc://localhost:8500",
  call: (async () => ANSWER) as unknown as Transport["call"],
  async close() {},
};

async function medianMicros(options: ClientOptions): Promise<number> {
  const client = createClientOver(wire, toSettings(options, true));
  const request = { model: "m", inputs: {} };
  for (let call = 0; call < 3_000; call++) await client.predict(request);
  const micros: number[] = [];
  for (let call = 0; call < 5_000; call++) {
    const startedAt = performance.now();
    await client.predict(request);
    micros.push((performance.now() - startedAt) * 1_000);
  }
  return micros.sort((a, b) => a - b)[micros.length / 2]!;
}

describe("what a call costs above its transport", () => {
  it.each<[string, ClientOptions]>([
    ["with its defaults", {}],
    ["without retries", { maxRetries: 0 }],
    ["with attempt timeouts", { attemptTimeoutMs: 1_000 }],
    ["with hedging", { hedging: { delayMs: 1_000 } }],
    ["with everything", { attemptTimeoutMs: 1_000, hedging: { delayMs: 1_000 }, concurrency: {}, auth: "Bearer t" }],
  ])("is at most 20 microseconds in the median, %s", async (_how, options) => {
    expect(await medianMicros(options)).toBeLessThan(20);
  });

  it("is no listener on a signal that serves any number of calls", async () => {
    const { signal } = new AbortController();
    const client = createClientOver(wire, toSettings({ attemptTimeoutMs: 1_000, hedging: { delayMs: 1_000 } }, true));
    for (let call = 0; call < 10_000; call++) await client.predict({ model: "m", inputs: {} }, { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
