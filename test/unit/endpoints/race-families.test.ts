import { createServer } from "node:net";
import { afterEach, describe, expect, it, vi } from "vitest";
import { raceFamilies, reachByTcp } from "../../../src/endpoints/race-families.ts";
import { listen } from "../assembly/listen.ts";

const V6 = "fd00::1";
const V4 = "10.0.0.1";

afterEach(() => vi.useRealTimers());

/** Addresses that answer after a while; others never do. */
function reachAfter(delays: Readonly<Record<string, number>>, tried: string[] = []) {
  return (address: string, _port: number, signal: AbortSignal) => {
    tried.push(address);
    return new Promise<boolean>((resolve) => {
      const delay = delays[address];
      if (delay !== undefined) setTimeout(() => resolve(true), delay);
      signal.addEventListener("abort", () => resolve(false));
    });
  };
}

describe("raceFamilies", () => {
  it("takes the preferred one without trying the other when it answers in a quarter of a second", async () => {
    vi.useFakeTimers();
    const tried: string[] = [];
    const racing = raceFamilies([V6, V4], 8500, 2_000, reachAfter({ [V6]: 200, [V4]: 1 }, tried));
    await vi.advanceTimersByTimeAsync(200);
    expect(await racing).toBe(V6);
    expect(tried).toEqual([V6]);
  });

  it("takes the other one when the preferred one is late", async () => {
    vi.useFakeTimers();
    const racing = raceFamilies([V6, V4], 8500, 2_000, reachAfter({ [V4]: 10 }));
    await vi.advanceTimersByTimeAsync(260);
    expect(await racing).toBe(V4);
  });

  it("tries the other one at once when the preferred one refuses", async () => {
    expect(await raceFamilies([V6, V4], 8500, 2_000, async (address) => address === V4)).toBe(V4);
  });

  it("gives up when neither can be reached, and when the time is over", async () => {
    expect(await raceFamilies([V6, V4], 8500, 2_000, async () => false)).toBeUndefined();
    vi.useFakeTimers();
    const racing = raceFamilies([V6, V4], 8500, 1_000, reachAfter({}));
    await vi.advanceTimersByTimeAsync(1_000);
    expect(await racing).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("reachByTcp", () => {
  it("says whether somebody listens, and leaves no connection", async () => {
    const server = createServer();
    const left = new Promise<void>((resolve) => {
      server.once("connection", (socket) => socket.once("close", () => resolve()).resume());
    });
    const port = await listen(server);
    const { signal } = new AbortController();
    expect(await reachByTcp("127.0.0.1", port, signal)).toBe(true);
    await left;
    await new Promise((resolve) => server.close(resolve));
    expect(await reachByTcp("127.0.0.1", port, signal)).toBe(false);
    expect(await reachByTcp("127.0.0.1", port, AbortSignal.abort())).toBe(false);
  });
});
