import { connect, createServer, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect } from "vitest";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import type { Fault } from "../../../src/testing/faults.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import type { TestServer } from "../../../src/testing/test-server.ts";
import { listen } from "../../unit/assembly/listen.ts";
import { Connects } from "../lab/connects.ts";
import { freePort } from "../lab/free-port.ts";
import type { Ask, Laboratory } from "../lab/laboratory.ts";
import type { Outcome } from "../lab/ledger.ts";
import { row } from "../lab/row.ts";

const ECHO: Ask = { model: "echo" };

type LabServer = Awaited<ReturnType<Laboratory["testServer"]>>;

async function three(lab: Laboratory): Promise<[LabServer, LabServer, LabServer]> {
  return [await lab.testServer(), await lab.testServer(), await lab.testServer()];
}

const addressesOf = (servers: readonly { readonly address: string }[]) => servers.map(({ address }) => address);

const CALLERS = 4;
const PAUSE_MS = 5;

/**
 * A few callers, each with its next call when its last one has ended, until all that ended are enough. Their number is
 * what loads the servers, not a rate: on a machine that is held up, calls that are due would come all at once.
 */
async function load(lab: Laboratory, client: ServingClient, isEnough: (ended: readonly Outcome[]) => boolean) {
  const ended: Outcome[] = [];
  const caller = async () => {
    while (!isEnough(ended)) {
      ended.push(await lab.ask(client, ECHO));
      await pause(PAUSE_MS);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return ended;
}

/** Enough is so many. */
const ofThem =
  (count: number) =>
  (ended: readonly Outcome[]): boolean =>
    ended.length >= count;

const failed = (outcomes: readonly Outcome[]) => outcomes.filter(({ error }) => error !== undefined);

/** On ports that no connection going out takes while the servers are away. */
async function threeToRestart(lab: Laboratory): Promise<[LabServer, LabServer, LabServer]> {
  const start = async () => lab.testServer({ grpcPort: await freePort(), restPort: await freePort() });
  return [await start(), await start(), await start()];
}

const portOf = (address: string) => Number(new URL(address).port);

/** The same port again, as a pod that was restarted in its place. */
function restart(lab: Laboratory, server: TestServer): Promise<LabServer> {
  return lab.testServer({ grpcPort: portOf(server.grpcAddress), restPort: portOf(server.restAddress) });
}

const stateAt = (client: ServingClient, address: string) =>
  client.endpoints().find((endpoint) => endpoint.address === address)?.state;

describe("replicas", () => {
  row(30, "both", "a model that one of three does not have is found elsewhere, by a second attempt", async (lab) => {
    const lacking = await lab.testServer({ models: {} });
    const [one, two] = [await lab.testServer(), await lab.testServer()];
    const client = lab.client(addressesOf([lacking, one, two]));
    const outcomes: Outcome[] = [];
    for (let n = 0; n < 12; n++) outcomes.push(await lab.ask(client, ECHO));
    expect(failed(outcomes)).toEqual([]);
    expect(Math.max(...outcomes.map(({ attempts }) => attempts.length))).toBe(2);
    // Remembered for a while: not each third call begins there.
    expect(lacking.calls.length).toBeLessThanOrEqual(2);
    expect(stateAt(client, lacking.address)).toBe("active");
  });

  row(30, "both", "a label that one of three does not know is found elsewhere", async (lab) => {
    const lacking = await lab.testServer();
    const labelled = { echo: { ...echo, labels: { stable: 1 } } };
    const others = [await lab.testServer({ models: labelled }), await lab.testServer({ models: labelled })];
    const client = lab.client(addressesOf([lacking, ...others]));
    for (let n = 0; n < 12; n++) {
      const response = await client.predict({ model: "echo", versionLabel: "stable", inputs: { x: [n] } });
      expect(Object.values(response.outputs)[0]?.data[0]).toBe(n);
    }
    expect(lacking.calls.length).toBeGreaterThan(0);
  });

  row(54, "both", "one of three that fails at once costs at most one call in two hundred", async (lab) => {
    const [one, two, bad] = await three(lab);
    bad.inject({ reset: true });
    const outcomes = await load(lab, lab.client(addressesOf([one, two, bad])), ofThem(400));
    expect(failed(outcomes).length).toBeLessThanOrEqual(outcomes.length * 0.005);
    expect(bad.calls.length).toBeLessThan(outcomes.length * 0.05);
  });

  row(54, "both", "one of three that hangs costs at most one call in a hundred", async (lab) => {
    const [one, two, bad] = await three(lab);
    bad.inject({ hang: true });
    const client = lab.client(addressesOf([one, two, bad]), { timeoutMs: 20_000, attemptTimeoutMs: 1_000 });
    const outcomes = await load(lab, client, ofThem(200));
    expect(failed(outcomes).length).toBeLessThanOrEqual(outcomes.length * 0.01);
    expect(bad.calls.length).toBeLessThan(outcomes.length * 0.05);
  });

  row(54, "both", "one of three that is far slower gets 5 % of the calls at most", async (lab) => {
    const [one, two, slow] = await three(lab);
    // Slower than the others look where the process is held up; how slow 40 times is, the simulation says.
    slow.inject({ delayMs: 2_000 });
    const client = lab.client(addressesOf([one, two, slow]), { timeoutMs: 20_000 });
    await load(lab, client, () => slow.calls.length > 0);
    const before = slow.calls.length;
    const outcomes = await load(lab, client, ofThem(400));
    expect(failed(outcomes)).toEqual([]);
    expect(slow.calls.length - before).toBeLessThanOrEqual(outcomes.length * 0.05);
  });

  row(55, "both", "a caller's bad input takes no replica out", async (lab) => {
    const servers = await three(lab);
    const events: ClientEvent["type"][] = [];
    const client = lab.client(addressesOf(servers), { onEvent: ({ type }) => events.push(type) });
    const faults: Fault[] = [
      { code: "INVALID_ARGUMENT", times: 100 },
      { code: "FAILED_PRECONDITION", times: 100 },
      { code: "OUT_OF_RANGE", times: 100 },
    ];
    for (const fault of faults) {
      servers[0].inject(fault);
      await Promise.all(Array.from({ length: 200 }, () => lab.ask(client, ECHO)));
    }
    expect(events.filter((type) => type.startsWith("endpoint"))).toEqual([]);
    expect(client.endpoints().map(({ state }) => state)).toEqual(["active", "active", "active"]);
  });

  row(56, "both", "replicas that were all down answer within 5 s of their return, without a rush", async (lab) => {
    const servers = await threeToRestart(lab);
    const client = lab.client(addressesOf(servers));
    await load(lab, client, ofThem(20));
    await Promise.all(servers.map((server) => server.close()));
    const down = await load(lab, client, ofThem(80));
    expect(failed(down).length).toBe(down.length);
    expect(failed(down).at(-1)?.error?.rawMessage).toContain("none of the 3 replicas answers");
    const back = await Promise.all(servers.map((server) => restart(lab, server)));
    const backAt = performance.now();
    const answered = (outcomes: readonly Outcome[]) => outcomes.filter(({ error }) => error === undefined);
    const outcomes = await load(lab, client, (ended) => answered(ended).length >= 40);
    expect(lab.elapsed(backAt, answered(outcomes)[0]!.settledAt)).toBeLessThan(5_000);
    // Once they answer they go on answering, and no call comes to them more than once.
    expect(failed(outcomes.slice(-20))).toEqual([]);
    expect(back.reduce((sum, { calls }) => sum + calls.length, 0)).toBe(answered(outcomes).length);
  });

  for (const count of [1, 3]) {
    const which = count === 1 ? "a lone server" : "each of three servers";
    row(56, "both", `${which} that is down is tried with two connections a second at most`, async (lab) => {
      const servers = (await threeToRestart(lab)).slice(0, count);
      // A retry of a lone server waits until a connection is tried again, and this test has many calls to make.
      const client = lab.client(addressesOf(servers), count === 1 ? { maxRetries: 0 } : {});
      await lab.ask(client, ECHO);
      await Promise.all(servers.map((server) => server.close()));
      const connects = new Connects();
      const counts = () => servers.map(({ address }) => connects.to(portOf(address)));
      const startedAt = performance.now();
      let asked = 0;
      while (asked < 100 || Math.min(...counts()) < 3) {
        await lab.ask(client, ECHO);
        asked++;
        await pause(1);
      }
      const seconds = (performance.now() - startedAt) / 1_000;
      connects.stop();
      expect(Math.max(...counts())).toBeLessThanOrEqual(2 * Math.floor(seconds) + 2);
      expect(failed(lab.ledger.outcomes)).toHaveLength(asked);
      await Promise.all(servers.map((server) => restart(lab, server)));
      while ((await lab.ask(client, ECHO)).error !== undefined) await pause(10);
    });
  }

  row(57, "both", "three replicas restarted one after the other under load fail no call", async (lab) => {
    const servers = await threeToRestart(lab);
    const client = lab.client(addressesOf(servers));
    let isOver = false;
    const loading = load(lab, client, () => isOver);
    const { outcomes } = lab.ledger;
    const goOn = async () => {
      const before = outcomes.length;
      await pause(500);
      await lab.until(() => outcomes.length >= before + 40);
    };
    for (const server of servers) {
      await goOn();
      await server.close();
      await goOn();
      await restart(lab, server);
    }
    isOver = true;
    expect(failed(await loading).map(({ error }) => error?.message)).toEqual([]);
  });

  row(58, "both", "a name that grows, shrinks and is empty once costs no call", async (lab) => {
    const hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3"] as const;
    const portOption = lab.wire === "grpc" ? "grpcPort" : "restPort";
    const port = await freePort();
    await lab.testServer({ host: hosts[0], [portOption]: port });
    const second = await lab.testServer({ host: hosts[1], [portOption]: port });
    const third = await lab.testServer({ host: hosts[2], [portOption]: port });
    let answer: readonly string[] = hosts.slice(0, 1);
    let lookups = 0;
    const lookup = async () => {
      lookups++;
      return answer;
    };
    const client = lab.client(lab.address(port, "replicas.test"), { balancing: { lookup, refreshMs: 30 } });
    const seenBy = (server: LabServer) => server.calls.length;
    const outcomes = await load(lab, client, ofThem(30));
    expect([seenBy(second), seenBy(third)]).toEqual([0, 0]);
    answer = hosts;
    outcomes.push(...(await load(lab, client, () => Math.min(seenBy(second), seenBy(third)) > 5)));
    answer = [];
    const asked = lookups;
    outcomes.push(...(await load(lab, client, () => lookups > asked + 2)));
    expect(client.endpoints()).toHaveLength(3);
    answer = hosts.slice(0, 2);
    outcomes.push(...(await load(lab, client, () => client.endpoints().length === 2)));
    const before = seenBy(third);
    outcomes.push(...(await load(lab, client, ofThem(100))));
    expect(seenBy(third)).toBe(before);
    expect(failed(outcomes)).toEqual([]);
  });
});

/** Passes everything on, until the connections it has then fall silent: nothing more comes through, and nobody is told. */
async function silenceable(lab: Laboratory, upstream: string) {
  const { hostname, port } = new URL(upstream);
  const open = new Set<Socket>();
  const pairs: [Socket, Socket][] = [];
  const server = createServer((client) => {
    const inner = connect(Number(port), hostname);
    const pair: [Socket, Socket] = [client, inner];
    pairs.push(pair);
    for (const [index, socket] of pair.entries()) {
      open.add(socket);
      socket.on("error", () => {});
      socket.on("data", (chunk) => {
        if (pairs.includes(pair)) pair[1 - index]!.write(chunk);
      });
      socket.on("close", () => {
        open.delete(socket);
        pair[1 - index]!.destroy();
      });
    }
  });
  const address = lab.address(await listen(server));
  return {
    address,
    silence: () => pairs.splice(0),
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

describe("a lone server", () => {
  row(14, "both", "a connection that fell silent is replaced after two calls without a byte", async (lab) => {
    const server = await lab.testServer();
    const proxy = await silenceable(lab, server.address);
    const events: ClientEvent[] = [];
    const client = lab.client(proxy.address, { maxRetries: 0, onEvent: (event) => events.push(event) });
    await lab.ask(client, ECHO);
    proxy.silence();
    const timeouts = [];
    // REST may take another connection for the first of them, and gives the silent one up with the call it was lost by.
    const timeoutMs = lab.wire === "grpc" ? 150 : 1_000;
    for (let n = 0; n < 2; n++) {
      const outcome = await lab.ask(client, { ...ECHO, timeoutMs });
      if (outcome.error !== undefined) timeouts.push(outcome.error.kind);
    }
    expect((await lab.ask(client, ECHO)).error).toBeUndefined();
    expect(timeouts).toEqual(lab.wire === "grpc" ? ["timeout", "timeout"] : ["timeout"]);
    const replaced = events.filter(({ type }) => type === "connectionReplaced");
    expect(replaced).toHaveLength(lab.wire === "grpc" ? 1 : 0);
    await client.close();
    await proxy.close();
  });
});
