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

  it("has one listener for all calls that are under way, and each is told", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    const silent: Transport = { ...wire, call: (() => new Promise(() => {})) as unknown as Transport["call"] };
    const client = createClientOver(silent, toSettings({}, true));
    const calls = Array.from({ length: 1_000 }, () => client.predict({ model: "m", inputs: {} }, { signal }));
    await expect.poll(() => getEventListeners(signal, "abort").length).toBe(1);
    const settled = Promise.allSettled(calls);
    const reason = new Error("the user left");
    controller.abort(reason);
    expect(new Set((await settled).map((call) => call.status === "rejected" && call.reason))).toEqual(
      new Set([reason]),
    );
    expect(getEventListeners(signal, "abort")).toEqual([]);
  });
});
