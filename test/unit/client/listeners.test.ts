import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createClientOver } from "../../../src/client/client.ts";
import { toSettings } from "../../../src/client/settings.ts";
import type { Transport } from "../../../src/contract/transport.ts";

/** A wire that answers at once. */
const wire: Transport = {
  name: "grpc",
  endpoint: "grpc://localhost:8500",
  call: (async () => ({ outputs: {}, modelSpec: { name: "m" } })) as unknown as Transport["call"],
  async close() {},
};

describe("a signal that serves any number of calls", () => {
  it("has no listener left of any of them", async () => {
    const { signal } = new AbortController();
    const client = createClientOver(wire, toSettings({ attemptTimeoutMs: 1_000, hedging: { delayMs: 1_000 } }, true));
    for (let call = 0; call < 10_000; call++) await client.predict({ model: "m", inputs: {} }, { signal });
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
