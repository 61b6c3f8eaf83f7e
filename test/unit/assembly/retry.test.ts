import { getEventListeners } from "node:events";
import { Metadata, Server, ServerCredentials, status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from "vitest";
import { createClient } from "../../../src/assembly/create-client.ts";
import type { ClientOptions } from "../../../src/client/options.ts";
import type { ServingClient } from "../../../src/client/serving-client.ts";
import type { CallOptions, ResponseInfo } from "../../../src/contract/call-options.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { createFaultProxy } from "../../../src/testing/faults/fault-proxy.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { freePort } from "../../faults/lab/free-port.ts";
import { AT_ONCE_TURNS, turnsUntilSettled } from "../../faults/lab/turns.ts";
import { rejection } from "../client/fake-transport.ts";

let server: TestServer;
const clients: ServingClient[] = [];

beforeEach(async () => {
  server = await createTestServer({ models: { echo } });
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close({ timeoutMs: 0 })));
  await server.close();
});

type Wire = "grpc" | "rest";

function open(wire: Wire, options: ClientOptions = {}): ServingClient {
  const address = wire === "grpc" ? server.grpcAddress : server.restAddress;
  // Pauses that a test need not wait for.
  const client = createClient(address, { retry: { baseDelayMs: 1, throttleDelayMs: 1 }, ...options });
  clients.push(client);
  return client;
}

const x = new Tensor("float32", [2], Float32Array.of(1, 2));
const request = { model: "echo", inputs: { x } };
const gone = { code: "UNAVAILABLE", message: "shutting down" } as const;

async function attemptsOf(client: ServingClient, options: CallOptions = {}) {
  const infos: ResponseInfo[] = [];
  const result = await client
    .predict(request, { ...options, onResponse: (info) => void infos.push(info) })
    .catch((error: unknown) => error);
  return { result, codes: infos[0]?.attempts.map(({ attempt, code }) => [attempt, code]) };
}

describe("a retry over rest", () => {
  it("waits until a connection to a lone server is tried again", async () => {
    await server.close();
    const restPort = await freePort();
    let tell = () => {};
    const hasFailed = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const client = createClient(`http://127.0.0.1:${restPort}`, {
      timeoutMs: 30_000,
      retry: { budget: false, baseDelayMs: 1 },
      onEvent: ({ type }) => {
        if (type === "retryScheduled") tell();
      },
    });
    clients.push(client);
    // The two connects of this second.
    for (let n = 0; n < 2; n++) await rejection(client.predict(request, { maxRetries: 0 }));
    const pending = attemptsOf(client, { maxRetries: 9 });
    await hasFailed;
    server = await createTestServer({ models: { echo }, restPort });
    const { result, codes } = await pending;
    expect(result).toMatchObject({ outputs: {} });
    expect(codes?.slice(0, 1)).toEqual([[1, "UNAVAILABLE"]]);
    expect(codes?.at(-1)?.[1]).toBe("OK");
    expect(server.calls).toHaveLength(1);
  });
});

describe.each(["grpc", "rest"] as const)("retries over %s", (wire) => {
  it("bring a call to its answer, and the ledger, the server and the error count alike", async () => {
    const client = open(wire);
    server.inject({ ...gone, times: 2 });
    const { result, codes } = await attemptsOf(client);
    expect(result).toMatchObject({ outputs: {} });
    expect(codes).toEqual([
      [1, "UNAVAILABLE"],
      [2, "UNAVAILABLE"],
      [3, "OK"],
    ]);
    expect(server.calls.map(({ code }) => code)).toEqual(["UNAVAILABLE", "UNAVAILABLE", "OK"]);
    server.inject(gone);
    const error = await rejection(client.predict(request));
    expect(error).toMatchObject({ code: "UNAVAILABLE", retryable: true, attempts: [{}, {}, { attempt: 3 }] });
  });

  it("are as many as `maxRetries` says: a client's, a model's, a call's", async () => {
    server.inject({ operation: "predict", ...gone });
    const count = async (call: Promise<unknown>) => {
      const before = server.calls.filter(({ operation }) => operation === "predict").length;
      await rejection(call);
      return server.calls.filter(({ operation }) => operation === "predict").length - before;
    };
    const client = open(wire, { maxRetries: 1, retry: { budget: false, baseDelayMs: 1 } });
    expect(await count(client.predict(request))).toBe(2);
    expect(await count(client.predict(request, { maxRetries: 4 }))).toBe(5);
    expect(await count(client.model("echo", { maxRetries: 0 }).predict({ x }))).toBe(1);
    expect(await count(client.model("echo", { maxRetries: 0 }).predict({ x }, { maxRetries: 3 }))).toBe(4);
  });

  it("leave out what may have been done, where it must not be done twice", async () => {
    const client = open(wire);
    server.inject({ ...gone, times: 1 });
    expect((await attemptsOf(client, { idempotent: false })).codes).toEqual([[1, "UNAVAILABLE"]]);
    server.inject({ code: "UNAVAILABLE", message: "The batch scheduling queue is full", times: 1 });
    expect((await attemptsOf(client, { idempotent: false })).codes).toEqual([
      [1, "UNAVAILABLE"],
      [2, "OK"],
    ]);
  });

  it("are paid from one budget", async () => {
    const client = open(wire, { retry: { budget: { burst: 3, perSecond: 0, ratio: 0 }, baseDelayMs: 1 } });
    server.inject(gone);
    await Promise.all([1, 2, 3, 4].map(() => rejection(client.predict(request))));
    expect(server.calls).toHaveLength(4 + 3);
  });

  it("repeat a request of 16 MiB", async () => {
    const client = open(wire);
    const large = "a".repeat(2 ** 24);
    server.inject({ operation: "predict", ...gone, times: 1 });
    const { outputs } = await client.predict({ model: "echo", signatureName: "string", inputs: { x: [large] } });
    expect(Object.values(outputs)[0]?.toStrings()[0]?.length).toBe(large.length);
    expect(server.calls).toHaveLength(2);
  });

  it("ask once for another credential", async () => {
    const asked: boolean[] = [];
    const auth = async ({ renew }: { renew: boolean }) => {
      asked.push(renew);
      return renew ? "Bearer new" : "Bearer old";
    };
    const client = open(wire, { auth });
    server.inject({ code: "UNAUTHENTICATED", times: 1 });
    await client.predict(request);
    expect(asked).toEqual([false, true]);
    expect(server.calls.map(({ headers }) => headers["authorization"])).toEqual(["Bearer old", "Bearer new"]);
    server.inject({ code: "UNAUTHENTICATED" });
    expect(await rejection(client.predict(request))).toMatchObject({ code: "UNAUTHENTICATED", kind: "auth" });
    expect(asked).toEqual([false, true, false, true]);
  });

  it("follow a try that took longer than `attemptTimeoutMs`", async () => {
    const client = open(wire, { attemptTimeoutMs: 1_000 });
    await client.connect();
    server.inject({ hang: true, times: 1 });
    const { result, codes } = await attemptsOf(client);
    expect(result).toMatchObject({ outputs: {} });
    expect(codes).toEqual([
      [1, "DEADLINE_EXCEEDED"],
      [2, "OK"],
    ]);
    server.inject({ hang: true });
    const error = await rejection(client.predict(request, { timeoutMs: 1_500 }));
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", kind: "timeout" });
  });

  it("start beside a slow try, where hedging is on", async () => {
    const client = open(wire, { hedging: { delayMs: 60 } });
    await client.connect();
    server.inject({ hang: true, times: 1 });
    const { result, codes } = await attemptsOf(client);
    expect(result).toMatchObject({ outputs: {} });
    expect(codes).toEqual([
      [2, "OK"],
      [1, "CANCELLED"],
    ]);
  });

  it("are none once the caller has left, at whatever moment", async () => {
    let isPausing = false;
    const client = open(wire, {
      retry: { baseDelayMs: 100_000, maxDelayMs: 100_000 },
      onEvent: ({ type }) => {
        if (type === "retryScheduled") isPausing = true;
      },
    });
    const controller = new AbortController();
    server.inject({ ...gone, times: 1 });
    const pausing = rejection(
      client.predict(request, { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY }),
    );
    await expect.poll(() => isPausing).toBe(true);
    controller.abort("left");
    expect(await turnsUntilSettled(pausing)).toBeLessThanOrEqual(AT_ONCE_TURNS);
    expect(await pausing).toBe("left");
    expect(server.calls).toHaveLength(1);
    expect(getEventListeners(controller.signal, "abort")).toEqual([]);
  });

  it("wait for nobody else's turn: a limit lets one call in and the others wait or are refused", async () => {
    const client = open(wire, { concurrency: { initialLimit: 1, maxQueue: 1 } });
    server.inject({ delayMs: 50, times: 1 });
    const first = client.predict(request);
    const controller = new AbortController();
    const second = rejection(client.predict(request, { signal: controller.signal }));
    expect(await rejection(client.predict(request))).toMatchObject({
      code: "RESOURCE_EXHAUSTED",
      kind: "overloaded",
      attempts: [],
    });
    controller.abort("left");
    expect(await turnsUntilSettled(second)).toBeLessThanOrEqual(AT_ONCE_TURNS);
    expect(await second).toBe("left");
    await first;
    await client.predict(request);
    expect(server.calls).toHaveLength(2);
  });
});

describe("what a server asks for", () => {
  it("is heard on REST: Retry-After, as far as the deadline allows", async () => {
    // An hour would be waited for, were there the time.
    const client = open("rest", { timeoutMs: 600_000 });
    server.inject({ status: 503, headers: { "retry-after": "3600" }, times: 1 });
    expect(await rejection(client.predict(request))).toMatchObject({ code: "UNAVAILABLE", attempts: [{}] });
    server.inject({ status: 429, headers: { "retry-after": "soon" }, times: 1 });
    await client.predict(request);
    server.inject({ status: 429, headers: { "retry-after": "1" }, times: 1 });
    const before = performance.now();
    await client.predict(request);
    expect(performance.now() - before).toBeGreaterThanOrEqual(990);
  });

  it.each([
    ["-1", 1],
    ["abc", 1],
    ["1000000000", 1],
    ["20", 3],
  ])("is heard on gRPC: a pushback of %s leads to %i attempts", async (pushback, attempts) => {
    let calls = 0;
    const port = await listen(() => {
      calls++;
      const metadata = new Metadata();
      metadata.set("grpc-retry-pushback-ms", pushback);
      return { code: status.UNAVAILABLE, details: "shutting down", metadata };
    });
    const client = createClient(`grpc://127.0.0.1:${port}`, { timeoutMs: 50_000 });
    clients.push(client);
    expect(await rejection(client.predict(request))).toMatchObject({ code: "UNAVAILABLE" });
    expect(calls).toBe(attempts);
  });
});

describe("the time on the wire", () => {
  it("is what is left of the attempt, or of the call where that is less", async () => {
    const left: number[] = [];
    const port = await listen((deadline) => {
      left.push(Number(deadline) - Date.now());
      return { code: status.INVALID_ARGUMENT, details: "no" };
    });
    const client = createClient(`grpc://127.0.0.1:${port}`, { attemptTimeoutMs: 60_000 });
    clients.push(client);
    await rejection(client.predict(request, { timeoutMs: 600_000 }));
    await rejection(client.predict(request, { timeoutMs: 40_000 }));
    expect(left[0]).toBeGreaterThan(50_000);
    expect(left[0]).toBeLessThanOrEqual(60_100);
    expect(left[1]).toBeGreaterThan(30_000);
    expect(left[1]).toBeLessThanOrEqual(40_100);
  });
});

const raw: Server[] = [];

afterEach(() => {
  for (const each of raw.splice(0)) each.forceShutdown();
});

/** A gRPC server that fails every predict with what the function says. */
async function listen(fail: (deadline: Date | number) => object): Promise<number> {
  const bytes = (message: Buffer) => message;
  const serialize = { requestSerialize: bytes, requestDeserialize: bytes, responseSerialize: bytes };
  const predict = { ...serialize, responseDeserialize: bytes, requestStream: false, responseStream: false };
  const grpc = new Server();
  raw.push(grpc);
  grpc.addService(
    { predict: { path: "/tensorflow.serving.PredictionService/Predict", ...predict } },
    {
      predict: (call: { getDeadline(): Date | number }, callback: (error: object) => void) => {
        callback(fail(call.getDeadline()));
      },
    },
  );
  return new Promise((resolve, reject) => {
    grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

describe.each(["grpc", "rest"] as const)("a deadline after tries that failed over %s", (wire) => {
  const addressOf = ({ grpcAddress, restAddress }: TestServer) => (wire === "grpc" ? grpcAddress : restAddress);

  /**
   * A client behind proxies that swallow everything once so many retries are on their way: the servers' own word at the
   * deadline, which comes at the same moment, must not get through.
   */
  async function openUntilRetries(retries: number, ...upstreams: TestServer[]) {
    const proxies = await Promise.all(upstreams.map((each) => createFaultProxy(addressOf(each))));
    onTestFinished(async () => {
      for (const proxy of proxies) await proxy.close();
    });
    let left = retries;
    const addresses = proxies.map(({ address }) => address);
    const client = createClient(addresses, {
      timeoutMs: 2_000,
      retry: { baseDelayMs: 1 },
      onEvent: ({ type }) => {
        if (type === "retryScheduled" && --left === 0) for (const proxy of proxies) proxy.add({ toxic: "blackHole" });
      },
    });
    clients.push(client);
    return { client, addresses };
  }

  it("says how many there were and what the last one failed with", async () => {
    const { client, addresses } = await openUntilRetries(1, server);
    server.inject({ ...gone, times: 1 });
    server.inject({ hang: true });
    const error = await rejection(client.predict(request));
    expect(error).toMatchObject({
      code: "DEADLINE_EXCEEDED",
      kind: "timeout",
      rawMessage: `no answer within timeoutMs 2000 (waiting for the reply); 2 attempts: ${addresses[0]} (2 times) [UNAVAILABLE] shutting down`,
    });
  });

  it("says so for each member of a batch", async () => {
    await server.close();
    server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    const { client } = await openUntilRetries(1, server);
    server.inject({ operation: "predict", ...gone, times: 1 });
    server.inject({ operation: "predict", hang: true });
    const model = client.model("half_plus_two", { batching: { batchTimeoutMs: 20 } });
    const errors = await Promise.all([rejection(model.predict({ x })), rejection(model.predict({ x }))]);
    for (const error of errors) {
      expect((error as Error).message).toMatch(/; 2 attempts: \S+ \(2 times\) \[UNAVAILABLE\] shutting down$/);
    }
  });

  it("names each replica's last fault", async () => {
    const other = await createTestServer({ models: { echo } });
    const { client, addresses } = await openUntilRetries(2, server, other);
    for (const [index, each] of [server, other].entries()) {
      each.inject({ code: "UNAVAILABLE", message: `${addresses[index]} is going`, times: 1 });
      each.inject({ hang: true });
    }
    const { message } = (await rejection(client.predict(request))) as Error;
    const fault = (address: string) => `${address}(?: \\(2 times\\))? \\[UNAVAILABLE\\] ${address} is going`;
    const either = [addresses, addresses.toReversed()].map((order) => order.map(fault).join("; ")).join("|");
    expect(message).toMatch(
      new RegExp(`^\\[DEADLINE_EXCEEDED\\] no answer within timeoutMs 2000 \\(.*\\); 3 attempts: (?:${either})$`),
    );
    await other.close();
  });

  it("names each replica's last fault where the last try ran out of its own time", async () => {
    const other = await createTestServer({ models: { echo } });
    const addresses = [addressOf(server), addressOf(other)] as const;
    const retry = { baseDelayMs: 1, budget: false } as const;
    const client = createClient(addresses, { timeoutMs: 30_000, attemptTimeoutMs: 200, maxRetries: 3, retry });
    clients.push(client);
    for (const each of [server, other]) each.inject({ hang: true });
    const error = (await rejection(client.predict(request))) as Error;
    expect(error).toMatchObject({ code: "DEADLINE_EXCEEDED", kind: "timeout", attempts: { length: 4 } });
    expect(error.message).toMatch(
      /^\[DEADLINE_EXCEEDED\] no answer within attemptTimeoutMs 200 \(.*\); none of the 2 replicas answers: /,
    );
    for (const address of addresses) expect(error.message).toContain(`${address} [DEADLINE_EXCEEDED] no answer within`);
    await other.close();
  });
});
