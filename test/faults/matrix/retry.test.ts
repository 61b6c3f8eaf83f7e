import { getEventListeners } from "node:events";
import { describe, expect } from "vitest";
import type { ClientEvent } from "../../../src/contract/client-event.ts";
import { CODE_NUMBERS } from "../../../src/errors/code.ts";
import { AbortedByTest } from "../lab/find-breaches.ts";
import { type Http1Exchange, responseHead } from "../lab/http1-server.ts";
import { H2_ERROR } from "../lab/http2-frames.ts";
import type { Http2Stream } from "../lab/http2-server.ts";
import type { Laboratory } from "../lab/laboratory.ts";
import { grpcMessage, grpcReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";
import { AT_ONCE_TURNS, turnsUntilSettled } from "../lab/turns.ts";
import { unknownNames } from "../lab/unknown-names.ts";

const QUEUE_FULL = "The batch scheduling queue to which this task was submitted is full";
const SHAPES = "Tensors with name 'x' from different tasks have different shapes and padding is turned off.";

/** Pauses that a test can wait for. */
const SOON = { baseDelayMs: 5, throttleDelayMs: 10, maxDelayMs: 50 };

interface Failure {
  readonly grpc: (stream: Http2Stream) => void;
  readonly rest: (exchange: Http1Exchange) => void;
}

const UNAVAILABLE: Failure = {
  grpc: (stream) => stream.status(CODE_NUMBERS.UNAVAILABLE, "not now"),
  rest: (exchange) => exchange.error(503, "not now"),
};

/** A server whose first requests fail; it answers the rest. */
async function failing(lab: Laboratory, times: number, { grpc, rest }: Failure) {
  let left = times;
  return lab.server({
    grpc: { onRequest: (stream) => (left-- > 0 ? grpc(stream) : stream.answer()) },
    rest: { onRequest: (exchange) => (left-- > 0 ? rest(exchange) : exchange.answer()) },
  });
}

describe("retry", () => {
  const MENDED: readonly (readonly [
    number: number,
    wires: "grpc" | "rest" | "both",
    what: string,
    failure: Failure,
  ])[] = [
    [23, "both", "UNAVAILABLE", UNAVAILABLE],
    [
      25,
      "both",
      "a full batching queue",
      {
        grpc: (stream) => stream.status(CODE_NUMBERS.UNAVAILABLE, QUEUE_FULL),
        rest: (exchange) => exchange.error(503, QUEUE_FULL),
      },
    ],
    [
      26,
      "both",
      "a task that ran out of time in the queue",
      {
        grpc: (stream) =>
          stream.status(CODE_NUMBERS.RESOURCE_EXHAUSTED, "Task timeout exceeded while waiting in batching queue"),
        rest: (exchange) => exchange.error(429, "calm"),
      },
    ],
    [
      31,
      "both",
      "a clash with other callers' shapes",
      {
        grpc: (stream) => stream.status(CODE_NUMBERS.FAILED_PRECONDITION, SHAPES),
        rest: (exchange) => exchange.error(400, SHAPES),
      },
    ],
    [
      24,
      "grpc",
      "UNAVAILABLE after response headers",
      {
        grpc: (stream) => stream.head().trailers({ "grpc-status": "14", "grpc-message": "going away" }),
        rest: UNAVAILABLE.rest,
      },
    ],
    [
      18,
      "grpc",
      "GOAWAY ENHANCE_YOUR_CALM",
      {
        grpc: (stream) => stream.connection.goaway(stream.id, H2_ERROR.ENHANCE_YOUR_CALM),
        rest: UNAVAILABLE.rest,
      },
    ],
    [
      8,
      "both",
      "a reset connection",
      {
        grpc: (stream) => stream.connection.reset(),
        rest: (exchange) => exchange.reset(),
      },
    ],
    [
      9,
      "both",
      "a reply cut in the middle",
      {
        grpc: (stream) => {
          stream.head().data(grpcMessage(grpcReply(stream.call)).subarray(0, 8));
          stream.connection.socket.end();
        },
        rest: (exchange) => {
          exchange.write(responseHead(200, { "content-length": "17" }));
          exchange.write('{"outputs"');
          exchange.end();
        },
      },
    ],
    [
      10,
      "rest",
      "a reply that only the closed connection ended",
      {
        grpc: UNAVAILABLE.grpc,
        rest: (exchange) => {
          exchange.write(responseHead(200, { connection: "close" }));
          exchange.write('{"outputs": [1');
          exchange.end();
        },
      },
    ],
    [
      20,
      "grpc",
      "a cancellation that is not ours",
      {
        grpc: (stream) => stream.head().reset(H2_ERROR.CANCEL),
        rest: UNAVAILABLE.rest,
      },
    ],
    [
      36,
      "both",
      "a proxy's page with 502",
      {
        grpc: (stream) => stream.headers({ ":status": "502", "content-type": "text/html" }, { end: true }),
        rest: (exchange) => exchange.reply(502, "<html>bad gateway</html>", { "content-type": "text/html" }),
      },
    ],
  ];
  for (const [number, wires, what, failure] of MENDED) {
    row(number, wires, `${what} once is an answer by the second attempt`, async (lab) => {
      const server = await failing(lab, 1, failure);
      const outcome = await lab.ask(lab.client(server.address, { retry: SOON }));
      expect(outcome.error).toBeUndefined();
      expect(outcome.attempts).toHaveLength(2);
      expect(server.arrivals.of(outcome.call)).toHaveLength(2);
    });
  }

  row(23, "both", "UNAVAILABLE for ever ends after the tries that there are", async (lab) => {
    const server = await failing(lab, Number.POSITIVE_INFINITY, UNAVAILABLE);
    const outcome = await lab.ask(lab.client(server.address, { retry: SOON, maxRetries: 3 }));
    expect(outcome.error).toMatchObject({ kind: "unavailable", rawMessage: "not now" });
    expect(outcome.error?.attempts.map(({ attempt, code }) => [attempt, code])).toEqual([
      [1, "UNAVAILABLE"],
      [2, "UNAVAILABLE"],
      [3, "UNAVAILABLE"],
      [4, "UNAVAILABLE"],
    ]);
    expect(server.arrivals.of(outcome.call)).toHaveLength(4);
  });

  row(1, "both", "a refused connection is tried again even where nothing may be done twice", async (lab) => {
    const outcome = await lab.ask(lab.client(await lab.nobody(), { retry: SOON, idempotent: false }));
    expect(outcome.error).toMatchObject({ kind: "unavailable" });
    expect(outcome.attempts).toHaveLength(3);
  });

  row(9, "both", "a reply cut in the middle is not asked for again where nothing may be done twice", async (lab) => {
    const server = await failing(lab, 1, {
      grpc: (stream) => {
        stream.head();
        stream.connection.socket.end();
      },
      rest: (exchange) => {
        exchange.write(responseHead(200, { "content-length": "17" }));
        exchange.end();
      },
    });
    const outcome = await lab.ask(lab.client(server.address, { retry: SOON, idempotent: false }));
    expect(outcome.error).toMatchObject({ kind: "unavailable" });
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
  });

  row(2, "both", "a name that does not resolve is looked up again once at most, within a second", async (lab) => {
    const names = unknownNames();
    const client = lab.client(lab.address(8500, "no-such-host.invalid"), { balancing: names.balancing, retry: SOON });
    const outcome = await lab.ask(client);
    expect(outcome.error).toMatchObject({ kind: "unavailable" });
    expect(outcome.attempts.length).toBeLessThanOrEqual(2);
    expect(names.count).toBeLessThanOrEqual(2);
    expect(lab.elapsed(outcome.startedAt, outcome.settledAt)).toBeLessThan(1_000);
  });

  row(31, "both", "a clash with other callers' shapes for ever is asked for twice", async (lab) => {
    const server = await failing(lab, Number.POSITIVE_INFINITY, {
      grpc: (stream) => stream.status(CODE_NUMBERS.FAILED_PRECONDITION, SHAPES),
      rest: (exchange) => exchange.error(400, SHAPES),
    });
    const outcome = await lab.ask(lab.client(server.address, { retry: SOON }));
    expect(outcome.error).toMatchObject({ code: "FAILED_PRECONDITION" });
    expect(outcome.attempts).toHaveLength(2);
    expect(server.arrivals.of(outcome.call)).toHaveLength(2);
  });

  row(
    15,
    "rest",
    "an idle connection that the server closes as we send is replaced at once, at nobody's cost",
    async (lab) => {
      const server = await lab.http1({
        onRequest: (exchange) => {
          const first = server.arrivals.all.find(({ connection }) => connection === exchange.connection);
          if (exchange.arrival === first) return exchange.answer();
          // The second request of a connection crosses with the server's end of it: it was never read.
          exchange.arrival.processed = false;
          exchange.reset();
        },
      });
      const client = lab.client(server.address, { connections: 1 });
      expect((await lab.ask(client)).error).toBeUndefined();
      const crossed = await lab.ask(client);
      expect(crossed.error).toBeUndefined();
      expect(server.accepted).toBe(2);
      expect(client.endpoints().every(({ faultsInARow }) => faultsInARow === 0)).toBe(true);
    },
  );

  const WISHES = ["0", "30", "3600", "Thu, 01 Jan 1970 00:00:00 GMT", "soon", "-5", "1e3", "99999999999999999999", ""];
  for (const status of [429, 503]) {
    for (const wish of WISHES) {
      row(44, "rest", `${status} with Retry-After ${JSON.stringify(wish)} keeps to the deadline`, async (lab) => {
        const server = await failing(lab, Number.POSITIVE_INFINITY, {
          grpc: UNAVAILABLE.grpc,
          rest: (exchange) => exchange.error(status, "calm", wish === "" ? {} : { "retry-after": wish }),
        });
        const outcome = await lab.ask(lab.client(server.address, { retry: SOON }), { timeoutMs: 10_000 });
        expect(outcome.error?.code).toBe(status === 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE");
        // What asks for more time than there is ends the call now; the rest is no wish, or one for now.
        expect(outcome.attempts).toHaveLength(wish === "30" || wish === "3600" ? 1 : 3);
        expect(server.arrivals.of(outcome.call)).toHaveLength(outcome.attempts.length);
      });
    }
  }

  for (const [wish, attempts] of [
    ["0", 3],
    ["40", 3],
    ["-1", 1],
    ["abc", 1],
    ["1.5", 1],
    ["1000000000", 1],
    ["99999999999", 1],
  ] as const) {
    row(45, "grpc", `grpc-retry-pushback-ms ${wish} makes ${attempts} of 3 attempts`, async (lab) => {
      const server = await lab.http2({
        onRequest: (stream) => stream.status(CODE_NUMBERS.UNAVAILABLE, "not now", { "grpc-retry-pushback-ms": wish }),
      });
      const outcome = await lab.ask(lab.client(server.address, { retry: SOON }), { timeoutMs: 20_000 });
      expect(outcome.error).toMatchObject({ kind: "unavailable" });
      expect(outcome.attempts).toHaveLength(attempts);
      expect(server.arrivals.count).toBe(attempts);
      // Timers may come up to a millisecond early.
      if (wish === "40") expect(outcome.durationMs).toBeGreaterThanOrEqual(2 * (40 - 1));
    });
  }

  row(28, "both", "an attempt that takes too long is given up for another one, while there is time", async (lab) => {
    const server = await failing(lab, 1, { grpc: () => {}, rest: () => {} });
    const client = lab.client(server.address, { retry: SOON, attemptTimeoutMs: 1_000 });
    const outcome = await lab.ask(client, { timeoutMs: 20_000 });
    expect(outcome.error).toBeUndefined();
    expect(outcome.attempts.map(({ code }) => code)).toEqual(["DEADLINE_EXCEEDED", "OK"]);
    expect(server.arrivals.of(outcome.call)).toHaveLength(2);
  });

  row(3, "both", "silence after accept leaves the time of one attempt, not of the call", async (lab) => {
    const { address } = await lab.testServer();
    const proxy = await lab.proxy(address);
    const hole = proxy.add({ toxic: "blackHole" });
    const client = lab.client(proxy.address, {
      retry: SOON,
      connectTimeoutMs: 1_000,
      attemptTimeoutMs: 1_000,
      // The first attempt finds silence; what comes after it does not.
      onEvent: ({ type }) => {
        if (type === "retryScheduled") hole.remove();
      },
    });
    const outcome = await lab.ask(client, { model: "echo", timeoutMs: 20_000 });
    expect(outcome.error).toBeUndefined();
    expect(outcome.attempts.length).toBeGreaterThan(1);
    expect(proxy.accepted).toBeGreaterThan(0);
  });

  row(47, "both", "an abort during a pause between tries ends the call at once, and no try follows", async (lab) => {
    const server = await failing(lab, Number.POSITIVE_INFINITY, UNAVAILABLE);
    const controller = new AbortController();
    const reason = new AbortedByTest();
    let isPausing = false;
    const client = lab.client(server.address, {
      retry: { baseDelayMs: 100_000, maxDelayMs: 100_000 },
      onEvent: ({ type }) => {
        if (type === "retryScheduled") isPausing = true;
      },
    });
    const asked = lab.ask(client, { signal: controller.signal, timeoutMs: Number.POSITIVE_INFINITY });
    await lab.until(() => isPausing);
    controller.abort(reason);
    expect(await turnsUntilSettled(asked)).toBeLessThanOrEqual(AT_ONCE_TURNS);
    const outcome = await asked;
    expect(outcome.rejection).toBe(reason);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
  });

  row(47, "both", "an abort in the queue ends the call at once, and nothing is sent", async (lab) => {
    const server = await lab.server({ grpc: { onRequest: () => {} }, rest: { onRequest: () => {} } });
    const client = lab.client(server.address, { concurrency: { initialLimit: 1, maxLimit: 1, maxQueue: 5 } });
    const [leavesFirst, leaves] = [new AbortController(), new AbortController()];
    const reason = new AbortedByTest();
    const first = lab.ask(client, { signal: leavesFirst.signal });
    const queued = lab.ask(client, { signal: leaves.signal });
    await lab.until(() => server.arrivals.count === 1);
    leaves.abort(reason);
    expect(await turnsUntilSettled(queued)).toBeLessThanOrEqual(AT_ONCE_TURNS);
    const outcome = await queued;
    expect(outcome.rejection).toBe(reason);
    expect(outcome.attempts).toHaveLength(0);
    leavesFirst.abort(reason);
    await first;
    expect(server.arrivals.count).toBe(1);
  });

  row(49, "both", "close ends calls in the queue and in a pause between tries", async (lab) => {
    const server = await failing(lab, Number.POSITIVE_INFINITY, UNAVAILABLE);
    const events: ClientEvent["type"][] = [];
    const client = lab.client(server.address, {
      retry: { baseDelayMs: 60_000, maxDelayMs: 60_000 },
      concurrency: { initialLimit: 1, maxLimit: 1 },
      timeoutMs: 120_000,
      onEvent: ({ type }) => events.push(type),
    });
    const asked = [lab.ask(client), lab.ask(client)];
    await lab.until(() => events.includes("retryScheduled"));
    await client.close({ timeoutMs: 20 });
    for (const outcome of await Promise.all(asked)) expect(outcome.error).toMatchObject({ kind: "closed" });
    expect(server.arrivals.count).toBe(1);
  });

  row(51, "both", "an event listener that throws or rejects does not touch the call", async (lab) => {
    const server = await failing(lab, 1, UNAVAILABLE);
    let heard = 0;
    const client = lab.client(server.address, {
      retry: SOON,
      onEvent: () => {
        heard++;
        throw new Error("a user's own");
      },
    });
    expect((await lab.ask(client)).error).toBeUndefined();
    expect(heard).toBeGreaterThan(2);
  });

  row(52, "both", "a token that the server refuses is renewed once", async (lab) => {
    const refuse: Failure = {
      grpc: (stream) => stream.status(CODE_NUMBERS.UNAUTHENTICATED, "token expired"),
      rest: (exchange) => exchange.error(401, "token expired"),
    };
    let asked = 0;
    const auth = () => `Bearer ${++asked}`;
    const once = await failing(lab, 1, refuse);
    const renewed = await lab.ask(lab.client(once.address, { auth }));
    expect(renewed.error).toBeUndefined();
    expect(renewed.attempts.map(({ code }) => code)).toEqual(["UNAUTHENTICATED", "OK"]);
    expect(asked).toBe(2);
    const always = await failing(lab, Number.POSITIVE_INFINITY, refuse);
    const refused = await lab.ask(lab.client(always.address, { auth }));
    expect(refused.error).toMatchObject({ kind: "auth", code: "UNAUTHENTICATED" });
    expect(always.arrivals.count).toBe(2);
  });

  row(53, "both", "when every call fails, attempts stay within 1.12 for each call and 10", async (lab) => {
    const server = await failing(lab, Number.POSITIVE_INFINITY, UNAVAILABLE);
    const client = lab.client(server.address, { retry: SOON });
    const startedAt = performance.now();
    for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 20 }, () => lab.ask(client)));
    const seconds = (performance.now() - startedAt) / 1_000;
    expect(lab.ledger.outcomes.every(({ error }) => error?.kind === "unavailable")).toBe(true);
    // At 200 calls a second the budget's one a second is a two-hundredth of them; here they come faster.
    expect(server.arrivals.count).toBeLessThanOrEqual(600 * 1.1 + 10 + seconds + 1);
    expect(server.arrivals.count).toBeGreaterThan(600);
  });

  row(53, "both", "when one call in ten fails, 99 % are answered, within 1.12 attempts for each", async (lab) => {
    let requests = 0;
    const isBad = () => ++requests % 10 === 0;
    const server = await lab.server({
      grpc: { onRequest: (stream) => (isBad() ? UNAVAILABLE.grpc(stream) : stream.answer()) },
      rest: { onRequest: (exchange) => (isBad() ? UNAVAILABLE.rest(exchange) : exchange.answer()) },
    });
    const client = lab.client(server.address, { retry: SOON });
    for (let round = 0; round < 30; round++) await Promise.all(Array.from({ length: 20 }, () => lab.ask(client)));
    const answered = lab.ledger.outcomes.filter(({ error }) => error === undefined).length;
    expect(answered).toBeGreaterThanOrEqual(594);
    expect(server.arrivals.count).toBeLessThanOrEqual(600 * 1.12);
  });
});
