import { describe, expect, it } from "vitest";
import type { Code } from "../../../src/errors/code.ts";
import type { ErrorKind } from "../../../src/errors/kind.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { seededRandom } from "../../../src/internal/seeded-random.ts";
import { type Behaviour, closedLoop, fleet, gone, openLoop, quantile } from "./sim-hosts.ts";

const SEEDS = [1, 2, 3, 4, 5];

/** Latency as servers have it: most near the median, some far above. */
function lognormal(seed: number, medianMs: number, sigma = 0.3): Behaviour {
  const random = seededRandom(seed);
  return () => {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return { afterMs: medianMs * Math.exp(sigma * normal) };
  };
}

const pair = (seed: number) => ({ a: lognormal(seed * 10, 5), b: lognormal(seed * 10 + 1, 5) });
const failedOf = (ends: readonly { readonly error: unknown }[]) =>
  ends.filter(({ error }) => error !== undefined).length;

describe("L1, one of three fails", () => {
  it.each(SEEDS)(
    "at once: at most 5 in 1,000 fail in the first 10 s without a retry, none with one (seed %i)",
    async (seed) => {
      const dead: Behaviour = () => ({ afterMs: 0.3, error: gone() });
      const alone = fleet({ ...pair(seed), c: dead }, { seed });
      const first = await openLoop(alone, 100, 10_000);
      expect(failedOf(first)).toBeLessThanOrEqual(first.length * 0.005);
      const retried = fleet({ ...pair(seed), c: dead }, { seed });
      expect(failedOf(await openLoop(retried, 100, 60_000, { maxRetries: 2 }))).toBe(0);
      expect(retried.host("c").calls).toBeLessThanOrEqual(8);
    },
  );

  it.each(SEEDS)("in silence: at most 1 in 100 fails without a retry, none with one (seed %i)", async (seed) => {
    const plan = { timeoutMs: 500, attemptTimeoutMs: 150 };
    const alone = fleet({ ...pair(seed), c: () => "silence" }, { seed });
    const ends = await openLoop(alone, 100, 10_000, plan);
    expect(failedOf(ends)).toBeLessThanOrEqual(ends.length * 0.01);
    const retried = fleet({ ...pair(seed), c: () => "silence" }, { seed });
    expect(failedOf(await openLoop(retried, 100, 10_000, { ...plan, maxRetries: 2 }))).toBe(0);
  });

  it("two of three: the third one gets nearly all calls", async () => {
    const dead: Behaviour = () => ({ afterMs: 0.3, error: gone() });
    const sim = fleet({ a: dead, b: dead, c: lognormal(3, 5) });
    const ends = await openLoop(sim, 100, 30_000);
    expect(failedOf(ends)).toBeLessThanOrEqual(ends.length * 0.01);
  });
});

describe("L2, one of three is 40 times slower", () => {
  it.each(SEEDS)("gets at most 1 in 20 calls, and the rest does not notice (seed %i)", async (seed) => {
    const sim = fleet({ ...pair(seed), c: lognormal(99, 200) }, { seed });
    const ends = await openLoop(sim, 100, 30_000);
    expect(sim.host("c").calls / ends.length).toBeLessThanOrEqual(0.05);
    const healthy = await openLoop(fleet(pair(seed), { seed }), 100, 30_000);
    const p99 = (list: typeof ends) =>
      quantile(
        list.map(({ tookMs }) => tookMs),
        0.99,
      );
    expect(p99(ends)).toBeLessThanOrEqual(2 * p99(healthy));
  });

  it("a host that becomes slow is left alone, and used again when it is fast", async () => {
    const sim = fleet({ ...pair(1), c: lognormal(7, 5) });
    await openLoop(sim, 100, 5_000);
    sim.host("c").behaviour = lognormal(8, 200);
    const before = sim.host("c").calls;
    const slow = await openLoop(sim, 100, 30_000);
    expect((sim.host("c").calls - before) / slow.length).toBeLessThanOrEqual(0.05);
    sim.host("c").behaviour = lognormal(9, 5);
    const again = sim.host("c").calls;
    const fast = await openLoop(sim, 100, 60_000);
    expect((sim.host("c").calls - again) / fast.length).toBeGreaterThan(0.15);
  });
});

describe("L3, the caller's own faults", () => {
  it.each<[Code, ErrorKind]>([
    ["INVALID_ARGUMENT", "invalid"],
    ["NOT_FOUND", "not_found"],
    ["FAILED_PRECONDITION", "precondition"],
    ["OUT_OF_RANGE", "invalid"],
    ["NOT_FOUND", "protocol"],
    ["PERMISSION_DENIED", "auth"],
    ["RESOURCE_EXHAUSTED", "too_large"],
  ])("%s (%s) on one replica takes nobody out in 10,000 calls, and draws none there", async (code, kind) => {
    const wrong: Behaviour = () => ({ afterMs: 0.2, error: new ServingError("yours", { code, kind }) });
    const sim = fleet({ a: lognormal(1, 5), b: lognormal(2, 5), c: wrong });
    await closedLoop(sim, 16, 10_000);
    expect(sim.events).toEqual([]);
    expect(sim.transport.endpoints?.().map(({ state }) => state)).toEqual(["active", "active", "active"]);
    // What fails at once has no calls under way, so it gets more than its third; it must not get everything.
    expect(Math.min(sim.host("a").calls, sim.host("b").calls)).toBeGreaterThan(kind === "not_found" ? 4_000 : 200);
  });
});

describe("L4, all replicas are bad", () => {
  it("are tried all the same, and the error names each one's last fault", async () => {
    const dead: Behaviour = () => ({ afterMs: 0.3, error: gone() });
    const sim = fleet({ a: dead, b: dead, c: dead });
    const ends = await openLoop(sim, 100, 30_000, { maxRetries: 2 });
    expect(failedOf(ends)).toBe(ends.length);
    expect(Math.min(...[..."abc"].map((name) => sim.host(name).calls))).toBeGreaterThan(ends.length / 2);
    const { rawMessage } = ends[ends.length - 1]!.error as ServingError;
    expect(rawMessage).toMatch(/^no connection: ECONNREFUSED; none of the 3 replicas answers: /);
    for (const name of "abc") expect(rawMessage).toContain(`grpc://${name}:8500 [UNAVAILABLE] no connection`);
  });

  it("come back at once when one of them does", async () => {
    const dead: Behaviour = () => ({ afterMs: 0.3, error: gone() });
    const sim = fleet({ a: dead, b: dead, c: dead });
    await openLoop(sim, 100, 30_000, { maxRetries: 2 });
    sim.host("b").behaviour = lognormal(1, 5);
    const ends = await openLoop(sim, 100, 1_000, { maxRetries: 2 });
    expect(failedOf(ends)).toBe(0);
  });

  it("lets one that was taken out be used when the rest fails too", async () => {
    const dead: Behaviour = () => ({ afterMs: 0.3, error: gone() });
    const sim = fleet({ a: dead, b: lognormal(1, 5) });
    while (sim.events.length === 0) await openLoop(sim, 100, 10_000);
    expect(sim.events[0]).toMatchObject({ type: "endpointEjected", endpoint: "grpc://a:8500" });
    sim.host("a").behaviour = lognormal(1, 5);
    sim.host("b").behaviour = dead;
    const ends = await Promise.all([openLoop(sim, 100, 2_000, { maxRetries: 2 })]);
    expect(failedOf(ends[0].slice(10))).toBe(0);
  });
});

describe("L6, three equal replicas", () => {
  it.each(SEEDS)("get even shares of 3,000 calls at concurrency 16 (seed %i)", async (seed) => {
    const hosts = { ...pair(seed), c: lognormal(seed * 10 + 2, 5) };
    const sim = fleet(hosts, { seed });
    await closedLoop(sim, 16, 3_000);
    const counts = [..."abc"].map((name) => sim.host(name).calls);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThanOrEqual(1.15);
  });

  it.each(SEEDS)("do so where every twentieth call takes ten times as long (seed %i)", async (seed) => {
    const tailed = (own: number): Behaviour => {
      const [random, usual] = [seededRandom(own), lognormal(own + 1_000, 5)];
      return () => {
        const { afterMs } = usual() as { readonly afterMs: number };
        return { afterMs: random() < 0.05 ? 10 * afterMs : afterMs };
      };
    };
    const sim = fleet({ a: tailed(seed * 10), b: tailed(seed * 10 + 1), c: tailed(seed * 10 + 2) }, { seed });
    await closedLoop(sim, 16, 3_000);
    const counts = [..."abc"].map((name) => sim.host(name).calls);
    expect(Math.max(...counts) / Math.min(...counts)).toBeLessThanOrEqual(1.15);
  });
});
