import { describe, expect, it } from "vitest";
import { toBalancingSettings, toCircuitBreakerSettings } from "../../../src/endpoints/settings.ts";
import type { Code } from "../../../src/errors/code.ts";
import type { ErrorKind } from "../../../src/errors/kind.ts";
import { setRetryFacts } from "../../../src/errors/retry-facts.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { rejection } from "../client/fake-transport.ts";
import { newContext } from "../policies/call-context.ts";
import { turn } from "../policies/fake-clock.ts";
import { type Behaviour, callOnce, type Fleet, fleet, gone, openLoop, target } from "./sim-hosts.ts";

const well: Behaviour = () => ({ afterMs: 5 });
const dead: Behaviour = () => ({ afterMs: 1, error: gone() });
const failing = (code: Code, kind: ErrorKind): Behaviour => {
  return () => ({ afterMs: 1, error: new ServingError("said so", { code, kind }) });
};

/** One call, to its end. */
async function call(sim: Fleet, plan = {}) {
  const calling = callOnce(sim, plan);
  await sim.clock.advance(1_000);
  return calling;
}

const typesOf = (sim: Fleet) => sim.events.map(({ type }) => type);
const stateOf = (sim: Fleet, name: string) =>
  sim.transport.endpoints?.().find(({ address }) => address === `grpc://${name}:8500`);

/** Host a fails until it is taken out. */
async function untilEjected(sim: Fleet, name: string) {
  for (let calls = 0; stateOf(sim, name)?.state === "active" && calls < 2_000; calls++) await call(sim);
  expect(stateOf(sim, name)?.state).toBe("ejected");
}

describe("createEndpoints", () => {
  it("opens a transport for each address and lets each of them have a call", async () => {
    const sim = fleet({ a: well, b: well, c: well });
    for (let n = 0; n < 3; n++) await call(sim);
    expect([..."abc"].map((name) => sim.host(name).calls)).toEqual([1, 1, 1]);
  });

  it("prefers a host that the call has not just failed on", async () => {
    const sim = fleet({ a: well, b: well });
    for (let n = 0; n < 20; n++) {
      const context = newContext({ avoid: new Set(["grpc://a:8500"]), attempt: 2 });
      const calling = sim.transport.call("getModelStatus", { model: "m" }, context);
      await sim.clock.advance(10);
      await calling;
    }
    expect(sim.host("a").calls).toBe(0);
  });

  it("uses a host that the call failed on where there is no other", async () => {
    const sim = fleet({ a: well });
    const context = newContext({ avoid: new Set(["grpc://a:8500"]), attempt: 2 });
    const calling = sim.transport.call("getModelStatus", { model: "m" }, context);
    await sim.clock.advance(10);
    await expect(calling).resolves.toBeDefined();
  });

  it("takes a host out after five faults in a row, and tells", async () => {
    const sim = fleet({ a: dead, b: well });
    await untilEjected(sim, "a");
    expect(sim.host("a").calls).toBe(5);
    expect(sim.events).toMatchObject([
      {
        type: "endpointEjected",
        endpoint: "grpc://a:8500",
        reason: "faults",
        lastFault: { code: "UNAVAILABLE", kind: "unavailable" },
      },
    ]);
  });

  it("says how each host does", async () => {
    const sim = fleet({ a: dead, b: well });
    await untilEjected(sim, "a");
    expect(stateOf(sim, "a")).toMatchObject({
      address: "grpc://a:8500",
      state: "ejected",
      ewmaMs: undefined,
      outstanding: 0,
      faultsInARow: 5,
      lastFault: { code: "UNAVAILABLE", kind: "unavailable", message: "no connection: ECONNREFUSED" },
      circuit: undefined,
    });
    expect(stateOf(sim, "b")).toMatchObject({ state: "active", faultsInARow: 0, lastFault: undefined });
    expect(stateOf(sim, "b")?.ewmaMs).toBeGreaterThan(1);
  });

  it("tries a host that is out by one call, and takes it back when that is answered", async () => {
    const sim = fleet({ a: dead, b: well });
    await untilEjected(sim, "a");
    sim.host("a").behaviour = () => ({ afterMs: 400 });
    await sim.clock.advance(6_000);
    const calls = [callOnce(sim), callOnce(sim), callOnce(sim)];
    await sim.clock.advance(100);
    expect(stateOf(sim, "a")).toMatchObject({ state: "probation", outstanding: 1 });
    await sim.clock.advance(1_000);
    await Promise.all(calls);
    expect(typesOf(sim)).toEqual(["endpointEjected", "endpointProbation", "endpointRestored"]);
    expect(stateOf(sim, "a")?.state).toBe("active");
  });

  it("waits twice as long after each trial that failed, up to the most", async () => {
    const sim = fleet({ a: dead, b: well }, { balancing: { ...toBalancingSettings(undefined), maxEjectMs: 40_000 } });
    await untilEjected(sim, "a");
    await openLoop(sim, 20, 300_000);
    const times = sim.events.flatMap((event) => (event.type === "endpointEjected" ? [event.forMs] : []));
    const plain = [5_000, 10_000, 20_000, 40_000, 40_000];
    expect(times.length).toBeGreaterThan(plain.length);
    for (const [index, ms] of plain.entries()) {
      expect(times[index]).toBeGreaterThanOrEqual(ms * 0.8);
      expect(times[index]).toBeLessThanOrEqual(Math.min(ms * 1.2, 40_000));
    }
  });

  it("leaves a trial undecided that its caller ended", async () => {
    const sim = fleet({ a: dead, b: well });
    await untilEjected(sim, "a");
    sim.host("a").behaviour = () => "silence";
    await sim.clock.advance(6_000);
    const cancellation = new Cancellation();
    const calling = sim.transport.call("getModelStatus", { model: "m" }, newContext({ cancellation }));
    await turn();
    cancellation.cancel("changed my mind");
    await expect(calling).rejects.toBe("changed my mind");
    expect(stateOf(sim, "a")).toMatchObject({ state: "ejected", retryInMs: 0 });
  });

  it("gives no trial to a call that has failed already", async () => {
    const sim = fleet({ a: dead, b: well });
    await untilEjected(sim, "a");
    await sim.clock.advance(6_000);
    const before = sim.host("a").calls;
    for (let n = 0; n < 5; n++) {
      const calling = sim.transport.call("getModelStatus", { model: "m" }, newContext({ attempt: 2 }));
      await sim.clock.advance(10);
      await calling;
    }
    expect(sim.host("a").calls).toBe(before);
  });

  it("keeps half of the hosts in use whatever they do", async () => {
    const sim = fleet({ a: dead, b: dead, c: dead, d: well });
    await openLoop(sim, 200, 60_000);
    const out = sim.transport.endpoints?.().filter(({ state }) => state !== "active") ?? [];
    expect(out).toHaveLength(2);
    expect(stateOf(sim, "d")?.state).toBe("active");
  });

  it.each([
    [0, 0],
    [33, 0],
    [34, 1],
    [75, 2],
    [100, 2],
  ])("leaves out of three hosts, with maxEjectedPercent %i, at most %i", async (maxEjectedPercent, out) => {
    const balancing = { ...toBalancingSettings(undefined), maxEjectedPercent };
    const sim = fleet({ a: dead, b: dead, c: well }, { balancing });
    let most = 0;
    for (let n = 0; n < 30; n++) {
      await openLoop(sim, 100, 1_000);
      most = Math.max(most, sim.transport.endpoints?.().filter(({ state }) => state !== "active").length ?? 0);
    }
    expect(most).toBe(out);
  });

  it("leaves a host out for ejectMs after ejectAfterFaults faults", async () => {
    const balancing = { ...toBalancingSettings(undefined), ejectAfterFaults: 2, ejectMs: 60_000 };
    const sim = fleet({ a: dead, b: well }, { balancing });
    await untilEjected(sim, "a");
    expect(sim.host("a").calls).toBe(2);
    expect(stateOf(sim, "a")?.retryInMs).toBeGreaterThan(40_000);
  });

  it("takes nobody out with ejectAfterFaults Infinity", async () => {
    const balancing = { ...toBalancingSettings(undefined), ejectAfterFaults: Number.POSITIVE_INFINITY };
    const sim = fleet({ a: dead, b: well }, { balancing });
    await openLoop(sim, 100, 30_000);
    expect(sim.events).toEqual([]);
  });

  it("takes a host out that answers badly where others answer well, and not one that is no worse", async () => {
    const bad = failing("INTERNAL", "internal");
    const quick: Behaviour = () => ({ afterMs: 0.5 });
    const together = async (sim: Fleet) => {
      const calls = Array.from({ length: 90 }, () => callOnce(sim));
      await sim.clock.advance(1_000);
      await Promise.all(calls);
    };
    const one = fleet({ a: bad, b: quick, c: quick });
    await together(one);
    expect(one.events).toMatchObject([
      { type: "endpointEjected", endpoint: "grpc://a:8500", reason: "successRate", lastFault: { code: "INTERNAL" } },
    ]);
    const all = fleet({ a: bad, b: bad, c: bad });
    await together(all);
    expect(all.events).toEqual([]);
  });

  it("steers away from a full queue without taking the host out", async () => {
    const sim = fleet({ a: failing("UNAVAILABLE", "overloaded"), b: well, c: well });
    const ends = await openLoop(sim, 100, 30_000);
    expect(sim.host("a").calls / ends.length).toBeLessThan(0.05);
    expect(sim.events).toEqual([]);
  });

  it("blames each of several silent hosts, also the one that was given a little less time", async () => {
    const silent: Behaviour = () => "silence";
    const sim = fleet({ a: silent, b: silent });
    await call(sim, { timeoutMs: 203 });
    await call(sim, { timeoutMs: 201 });
    expect([..."ab"].map((name) => stateOf(sim, name)?.faultsInARow)).toEqual([1, 1]);
  });

  it("does not blame a host for a deadline that no host could keep", async () => {
    const sim = fleet({ a: () => ({ afterMs: 50 }), b: () => ({ afterMs: 50 }) });
    for (let n = 0; n < 4; n++) await call(sim);
    const ends = await openLoop(sim, 100, 5_000, { timeoutMs: 1 });
    expect(ends.every(({ error }) => error !== undefined)).toBe(true);
    expect(sim.events).toEqual([]);
    expect(sim.transport.endpoints?.().map(({ faultsInARow }) => faultsInARow)).toEqual([0, 0]);
  });

  it("does not charge a host for an idle connection that it closed", async () => {
    const stale: Behaviour = () => ({ afterMs: 1, error: setRetryFacts(gone(), { stale: true }) });
    const sim = fleet({ a: stale, b: stale });
    for (let n = 0; n < 20; n++) await call(sim);
    expect(sim.transport.endpoints?.().map(({ faultsInARow }) => faultsInARow)).toEqual([0, 0]);
  });

  it("remembers for a while which host does not have a model", async () => {
    const sim = fleet({ a: failing("NOT_FOUND", "not_found"), b: well, c: well });
    await openLoop(sim, 100, 4_000, { maxRetries: 1 });
    expect(sim.host("a").calls).toBe(1);
    sim.host("a").behaviour = well;
    await openLoop(sim, 100, 6_000);
    expect(sim.host("a").calls).toBeGreaterThan(10);
  });

  it("asks every host again when none has the model", async () => {
    const lacking = failing("NOT_FOUND", "not_found");
    const sim = fleet({ a: lacking, b: lacking });
    for (let n = 0; n < 4; n++) expect((await call(sim)).error).toMatchObject({ code: "NOT_FOUND" });
    sim.host("b").behaviour = well;
    sim.host("a").behaviour = well;
    expect((await call(sim)).error).toBeUndefined();
  });

  it("connects to all, and is content with one", async () => {
    const sim = fleet({ a: dead, b: well });
    await sim.transport.connect?.(newContext());
    expect([sim.host("a").connects, sim.host("b").connects]).toEqual([1, 1]);
    expect(stateOf(sim, "a")?.faultsInARow).toBe(1);
  });

  it("fails to connect with what each of them did", async () => {
    const sim = fleet({ a: dead, b: dead });
    const error = (await rejection(sim.transport.connect!(newContext()))) as ServingError;
    expect(error.rawMessage).toBe(
      "no connection: ECONNREFUSED; none of the 2 replicas answers: " +
        "grpc://a:8500 [UNAVAILABLE] no connection: ECONNREFUSED (0 ms ago); " +
        "grpc://b:8500 [UNAVAILABLE] no connection: ECONNREFUSED (0 ms ago)",
    );
  });

  it("closes every transport it opened, and refuses calls then", async () => {
    const sim = fleet({ a: well, b: well });
    await sim.transport.close();
    expect(sim.opened.map(({ closed }) => closed)).toEqual([1, 1]);
    await expect(sim.transport.call("getModelStatus", { model: "m" }, newContext())).rejects.toMatchObject({
      kind: "closed",
    });
  });
});

describe("createEndpoints with names", () => {
  const named = (answers: () => readonly string[] | Promise<readonly string[]>, options = {}) => {
    const sim = fleet({}, { names: [target("svc")], lookup: async () => answers(), ...options });
    return sim;
  };

  it("looks a name up with the first call and not before, once for all who wait", async () => {
    let lookups = 0;
    const sim = named(() => {
      lookups++;
      return ["10.0.0.1", "10.0.0.2"];
    });
    await turn();
    expect([lookups, sim.opened.length]).toEqual([0, 0]);
    const calls = [callOnce(sim), callOnce(sim)];
    await sim.clock.advance(10);
    expect((await Promise.all(calls)).map(({ error }) => error)).toEqual([undefined, undefined]);
    expect(lookups).toBe(1);
    expect(sim.opened.map(({ endpoint }) => endpoint)).toEqual(["grpc://10.0.0.1:8500", "grpc://10.0.0.2:8500"]);
    await sim.transport.close();
    expect(sim.clock.pending).toBe(0);
  });

  it("looks it up again every 15 s, give or take three", async () => {
    const at: number[] = [];
    const sim = named(() => {
      at.push(sim.clock.now());
      return ["10.0.0.1"];
    });
    await call(sim);
    await sim.clock.advance(200_000);
    const gaps = at.slice(1).map((time, index) => time - at[index]!);
    expect(gaps.length).toBeGreaterThanOrEqual(11);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(12_000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(18_000);
    await sim.transport.close();
  });

  it("uses a new address and lets the calls on one that is gone come to their end", async () => {
    let answer = ["10.0.0.1"];
    const sim = named(() => answer);
    await call(sim);
    sim.host("10.0.0.1").behaviour = () => ({ afterMs: 40_000 });
    const long = callOnce(sim, { timeoutMs: 100_000 });
    await turn();
    answer = ["10.0.0.2"];
    await sim.clock.advance(18_000);
    expect(sim.transport.endpoints?.().map(({ address, state, outstanding }) => [address, state, outstanding])).toEqual(
      [
        ["grpc://10.0.0.1:8500", "draining", 1],
        ["grpc://10.0.0.2:8500", "active", 0],
      ],
    );
    expect(sim.host("10.0.0.1").closed).toBe(0);
    expect((await call(sim)).error).toBeUndefined();
    await sim.clock.advance(30_000);
    expect((await long).error).toBeUndefined();
    expect(sim.host("10.0.0.1").closed).toBe(1);
    expect(sim.transport.endpoints?.().map(({ address }) => address)).toEqual(["grpc://10.0.0.2:8500"]);
    await sim.transport.close();
  });

  it("keeps the addresses when an answer is empty or an error", async () => {
    let answer: () => readonly string[] = () => ["10.0.0.1", "10.0.0.2"];
    const sim = named(() => answer());
    await call(sim);
    answer = () => [];
    await sim.clock.advance(18_000);
    answer = () => {
      throw Object.assign(new Error("queryA ESERVFAIL svc"), { code: "ESERVFAIL" });
    };
    await sim.clock.advance(18_000);
    expect(sim.transport.endpoints?.()).toHaveLength(2);
    expect(sim.events).toMatchObject([
      { type: "addressesChanged", host: "svc", added: ["grpc://10.0.0.1:8500", "grpc://10.0.0.2:8500"], removed: [] },
      { type: "lookupFailed", host: "svc", kept: 2 },
      { type: "lookupFailed", host: "svc", kept: 2 },
    ]);
    await sim.transport.close();
  });

  it("looks a name up early when a host of it is gone, at most once a second", async () => {
    let lookups = 0;
    const sim = named(() => {
      lookups++;
      return ["10.0.0.1", "10.0.0.2"];
    });
    await call(sim);
    sim.host("10.0.0.1").behaviour = dead;
    sim.host("10.0.0.2").behaviour = dead;
    await openLoop(sim, 50, 3_000);
    expect(lookups).toBeGreaterThanOrEqual(3);
    expect(lookups).toBeLessThanOrEqual(9);
    await sim.transport.close();
  });

  it("rejects a call when there is no address and never was one, each with an error of its own", async () => {
    const sim = named(() => {
      throw Object.assign(new Error("getaddrinfo ENOTFOUND svc"), { code: "ENOTFOUND" });
    });
    const [one, two] = [callOnce(sim), callOnce(sim)];
    await sim.clock.advance(10);
    const errors = [(await one).error, (await two).error];
    expect(errors[0]).toMatchObject({
      code: "UNAVAILABLE",
      kind: "unavailable",
      rawMessage: "the name in grpc://fleet:8500 does not resolve (ENOTFOUND)",
    });
    expect(errors[0]).not.toBe(errors[1]);
    await sim.transport.close();
  });

  it("waits for a resolver no longer than for a connection, and not beyond a cancellation", async () => {
    const sim = named(() => new Promise<never>(() => {}));
    const calling = callOnce(sim);
    await sim.clock.advance(2_000);
    expect((await calling).error).toMatchObject({ code: "UNAVAILABLE", kind: "timeout" });
    const cancellation = new Cancellation();
    const context = newContext({ cancellation });
    const cancelled = sim.transport.call("getModelStatus", { model: "m" }, context);
    expect(context.ledger.phase).toBe("looking up the name");
    cancellation.cancel("enough");
    await expect(cancelled).rejects.toBe("enough");
    await sim.transport.close();
  });

  it("uses the family that can be reached, and no host twice", async () => {
    const addresses = ["fd00::1", "fd00::2", "10.0.0.1", "10.0.0.2"];
    const reached: string[] = [];
    const sim = named(() => addresses, {
      reach: async (address: string) => {
        reached.push(address);
        return !address.includes(":");
      },
    });
    expect((await call(sim)).error).toBeUndefined();
    expect(reached).toEqual(["fd00::1", "10.0.0.1"]);
    expect(sim.opened.map(({ endpoint }) => endpoint)).toEqual(["grpc://10.0.0.1:8500", "grpc://10.0.0.2:8500"]);
    await sim.clock.advance(60_000);
    expect(reached).toHaveLength(2);
    await sim.transport.close();
  });

  it("tells servers and certificates the name, and connects to the address", async () => {
    const opened: unknown[] = [];
    const sim = fleet(
      {},
      {
        names: [{ ...target("svc"), secure: true, endpoint: "grpcs://svc:8500" }],
        lookup: async () => ["fd00::7"],
        open: (each) => {
          opened.push(each);
          throw new Error("not needed");
        },
      },
    );
    await call(sim);
    expect(opened[0]).toMatchObject({ host: "svc", address: "fd00::7", endpoint: "grpcs://[fd00::7]:8500" });
    await sim.transport.close();
  });

  it("uses the addresses of a list beside those of its names, each once", async () => {
    const sim = fleet(
      {},
      {
        fixed: [target("10.0.0.1"), target("10.0.0.9")],
        names: [target("svc")],
        lookup: async () => ["10.0.0.1", "10.0.0.2"],
      },
    );
    await call(sim);
    expect(sim.transport.endpoints?.().map(({ address }) => address)).toEqual([
      "grpc://10.0.0.1:8500",
      "grpc://10.0.0.9:8500",
      "grpc://10.0.0.2:8500",
    ]);
    await sim.transport.close();
  });
});

describe("createEndpoints with circuit breakers", () => {
  const circuitBreaker = toCircuitBreakerSettings({});

  it("rejects at once while the only host's circuit is open, then lets one call through", async () => {
    const sim = fleet({ a: dead }, { circuitBreaker });
    for (let n = 0; n < 5; n++) await call(sim);
    const { error, attempts } = await call(sim);
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "unavailable", retryable: true });
    expect((error as ServingError).rawMessage).toMatch(
      /^circuit open: grpc:\/\/a:8500, tried again in \d+ ms, last: \[UNAVAILABLE\] no connection: ECONNREFUSED$/,
    );
    expect([sim.host("a").calls, attempts]).toEqual([5, 1]);
    expect(stateOf(sim, "a")?.circuit).toBe("open");
    sim.host("a").behaviour = () => ({ afterMs: 500 });
    await sim.clock.advance(6_000);
    const trial = callOnce(sim);
    await turn();
    expect(String(await rejection(sim.transport.call("getModelStatus", { model: "m" }, newContext())))).toContain(
      "circuit open: grpc://a:8500, a call is trying it now",
    );
    await sim.clock.advance(500);
    expect((await trial).error).toBeUndefined();
    expect(typesOf(sim)).toEqual(["circuitOpened", "circuitHalfOpened", "circuitClosed"]);
    expect((await call(sim)).error).toBeUndefined();
  });

  it("sends calls to the hosts whose circuits are closed", async () => {
    const sim = fleet({ a: dead, b: well }, { circuitBreaker: { ...circuitBreaker, faults: 1 } });
    for (let n = 0; n < 3; n++) await call(sim);
    const before = sim.host("a").calls;
    const context = newContext({ avoid: new Set(["grpc://b:8500"]), attempt: 2 });
    const calling = sim.transport.call("getModelStatus", { model: "m" }, context);
    await sim.clock.advance(10);
    await expect(calling).resolves.toBeDefined();
    expect([before, sim.host("a").calls]).toEqual([before, before]);
  });

  it("does not open for answers, of whatever code", async () => {
    const sim = fleet({ a: failing("INTERNAL", "internal") }, { circuitBreaker });
    for (let n = 0; n < 60; n++) await call(sim);
    expect(sim.events).toEqual([]);
  });
});
