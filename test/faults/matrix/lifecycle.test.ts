import { getEventListeners } from "node:events";
import { describe, expect } from "vitest";
import { CODE_NUMBERS } from "../../../src/errors/code.ts";
import { AbortedByTest } from "../lab/find-breaches.ts";
import { responseHead } from "../lab/http1-server.ts";
import { type Laboratory, SHORT_TIMEOUT_MS } from "../lab/laboratory.ts";
import { grpcMessage, grpcReply } from "../lab/replies.ts";
import { row } from "../lab/row.ts";
import { AT_ONCE_TURNS, turnsUntilSettled } from "../lab/turns.ts";

/** A server that takes requests and never answers; `taken` resolves when the first is there. */
async function silentServer(lab: Laboratory) {
  let tell = () => {};
  const taken = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server = await lab.server({ grpc: { onRequest: () => tell() }, rest: { onRequest: () => tell() } });
  return { server, taken };
}

/** Begins a call, waits for the moment, aborts, and sees that the end comes at once and leaves no listener. */
async function abortAt(lab: Laboratory, client: Parameters<Laboratory["ask"]>[0], moment: () => Promise<unknown>) {
  const controller = new AbortController();
  const reason = new AbortedByTest();
  const asked = lab.ask(client, { signal: controller.signal });
  await moment();
  controller.abort(reason);
  expect(await turnsUntilSettled(asked)).toBeLessThanOrEqual(AT_ONCE_TURNS);
  const outcome = await asked;
  expect(outcome.rejection).toBe(reason);
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  return outcome;
}

describe("lifecycle", () => {
  row(47, "both", "an abort before the start sends nothing", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const reason = new AbortedByTest();
    const outcome = await lab.ask(lab.client(server.address), { signal: AbortSignal.abort(reason) });
    expect(outcome.rejection).toBe(reason);
    expect(outcome.attempts).toHaveLength(0);
    expect(server.accepted).toBe(0);
  });

  row(47, "both", "an abort while connecting ends the call at once", async (lab) => {
    let tell = () => {};
    const connected = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const { address } = await lab.tcp(() => tell());
    await abortAt(lab, lab.client(address), () => connected);
  });

  row(47, "both", "an abort while waiting for the reply ends the call at once, and no attempt follows", async (lab) => {
    const { server, taken } = await silentServer(lab);
    const outcome = await abortAt(lab, lab.client(server.address), () => taken);
    expect(outcome.attempts).toHaveLength(1);
    expect(server.arrivals.of(outcome.call)).toHaveLength(1);
  });

  row(47, "both", "an abort while reading the body ends the call at once", async (lab) => {
    let tell = () => {};
    const begun = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          stream.head().data(grpcMessage(grpcReply(stream.call)).subarray(0, 7));
          setImmediate(tell);
        },
      },
      rest: {
        onRequest: (exchange) => {
          exchange.write(responseHead(200, { "content-length": "100" }));
          exchange.write('{"outputs"');
          setImmediate(tell);
        },
      },
    });
    await abortAt(lab, lab.client(server.address), () => begun);
  });

  row(47, "both", "an abort after the end has no effect", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const client = lab.client(server.address);
    const controller = new AbortController();
    const outcome = await lab.ask(client, { signal: controller.signal });
    controller.abort();
    expect(outcome.error).toBeUndefined();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    expect((await lab.ask(client)).error).toBeUndefined();
  });

  row(47, "both", "one signal serves 500 calls, keeps no listener, and is never dispatched to", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const client = lab.client(server.address);
    const controller = new AbortController();
    let aborts = 0;
    controller.signal.addEventListener("abort", () => aborts++);
    const { signal } = controller;
    for (let round = 0; round < 10; round++) {
      await Promise.all(Array.from({ length: 50 }, () => lab.ask(client, { signal })));
    }
    expect(getEventListeners(signal, "abort")).toHaveLength(1);
    expect(aborts).toBe(0);
    expect(lab.ledger.outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  row(48, "both", "a deadline that has passed already is a timeout without an attempt", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: 0 });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
    expect(outcome.attempts).toHaveLength(0);
    expect(server.accepted).toBe(0);
  });

  row(48, "both", "a deadline of a millisecond is a timeout", async (lab) => {
    const { server } = await silentServer(lab);
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: 1 });
    expect(outcome.error).toMatchObject({ kind: "timeout", code: "DEADLINE_EXCEEDED" });
  });

  row(48, "both", "no deadline at all is one too", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const outcome = await lab.ask(lab.client(server.address), { timeoutMs: Number.POSITIVE_INFINITY });
    expect(outcome.error).toBeUndefined();
  });

  for (const timeoutMs of [Number.NaN, -1, Number.NEGATIVE_INFINITY, "5" as unknown as number]) {
    row(48, "both", `a deadline of ${String(timeoutMs)} is refused at once`, async (lab) => {
      const server = await lab.server({ grpc: {}, rest: {} });
      expect(() => lab.client(server.address, { timeoutMs })).toThrow(TypeError);
      const client = lab.client(server.address);
      await expect(client.predict({ model: "m", inputs: { x: [1] } }, { timeoutMs })).rejects.toThrow(/timeoutMs/);
      expect(server.accepted).toBe(0);
    });
  }

  row(49, "both", "close waits for the call in flight", async (lab) => {
    let answer = () => {};
    let tell = () => {};
    const taken = new Promise<void>((resolve) => {
      tell = resolve;
    });
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          answer = () => stream.answer();
          tell();
        },
      },
      rest: {
        onRequest: (exchange) => {
          answer = () => exchange.answer();
          tell();
        },
      },
    });
    const client = lab.client(server.address);
    const asked = lab.ask(client);
    await taken;
    const closing = client.close({ timeoutMs: 2_000 });
    answer();
    expect((await asked).error).toBeUndefined();
    await closing;
  });

  row(49, "both", "close ends what is in flight and what is connecting when its patience is over", async (lab) => {
    const { server, taken } = await silentServer(lab);
    const { address } = await lab.tcp(() => {});
    const forEver = { timeoutMs: Number.POSITIVE_INFINITY, connectTimeoutMs: Number.POSITIVE_INFINITY };
    const inFlight = lab.client(server.address, forEver);
    const connecting = lab.client(address, forEver);
    const asked = [lab.ask(inFlight), lab.ask(connecting)];
    await taken;
    // Nothing else would ever end them.
    await Promise.all([inFlight.close({ timeoutMs: 50 }), connecting.close({ timeoutMs: 50 })]);
    for (const outcome of await Promise.all(asked)) expect(outcome.error).toMatchObject({ kind: "closed" });
  });

  row(50, "both", "a call after close is a rejection, and nothing is sent", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const client = lab.client(server.address);
    await client.close();
    const outcome = await lab.ask(client);
    expect(outcome.error).toMatchObject({ kind: "closed", code: "CANCELLED", retryable: false });
    expect(server.accepted).toBe(0);
  });

  row(51, "both", "a middleware that throws or rejects ends its call, and no other", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    let calls = 0;
    const client = lab.client(server.address, {
      middleware: [
        (call, next) => {
          calls++;
          if (calls === 1) throw new AbortedByTest();
          if (calls === 2) return Promise.reject(new AbortedByTest());
          return next(call);
        },
      ],
    });
    expect((await lab.ask(client)).rejection).toBeInstanceOf(AbortedByTest);
    expect((await lab.ask(client)).rejection).toBeInstanceOf(AbortedByTest);
    expect((await lab.ask(client)).error).toBeUndefined();
    expect(server.arrivals.count).toBe(1);
  });

  row(51, "both", "a middleware that never returns is ended by the deadline", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const client = lab.client(server.address, { middleware: [() => new Promise(() => {})] });
    const outcome = await lab.ask(client, { timeoutMs: 100 });
    expect(outcome.error).toMatchObject({ kind: "timeout" });
    expect(outcome.error?.message).toContain("middleware");
  });

  row(51, "both", "onResponse and the logger may throw, reject or hang: the call does not notice", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const fails = () => {
      throw new Error("a user's own");
    };
    const client = lab.client(server.address, { logger: { debug: fails, warn: fails, info: fails, error: fails } });
    expect((await lab.ask(client)).error).toBeUndefined();
    const request = { model: "m", inputs: { x: [1] } };
    for (const onResponse of [fails, () => Promise.reject(new Error("later")), () => new Promise(() => {})]) {
      // One that waited for a listener that hangs would not end at all.
      await client.predict(request, { onResponse: onResponse as () => void, timeoutMs: Number.POSITIVE_INFINITY });
    }
  });

  row(52, "both", "a token provider that fails is a failure of auth, before anything is sent", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    const client = lab.client(server.address, { auth: () => Promise.reject(new Error("canary-secret")) });
    const outcome = await lab.ask(client);
    expect(outcome.error).toMatchObject({ kind: "auth", code: "UNAUTHENTICATED" });
    expect(JSON.stringify(outcome.error)).not.toContain("canary-secret");
    expect(server.accepted).toBe(0);
  });

  row(52, "both", "a token provider that hangs is bounded by the deadline, and told", async (lab) => {
    const server = await lab.server({ grpc: {}, rest: {} });
    let told: unknown;
    const client = lab.client(server.address, {
      auth: ({ signal }) =>
        new Promise(() => {
          signal.addEventListener("abort", () => {
            told = signal.reason;
          });
        }),
    });
    const outcome = await lab.ask(client, { timeoutMs: 100 });
    expect(outcome.error).toMatchObject({ kind: "timeout" });
    expect(outcome.error?.message).toContain("auth");
    expect(told).toBeDefined();
    expect(server.accepted).toBe(0);
  });

  for (const jumpMs of [3_600_000, -3_600_000]) {
    row(
      59,
      "both",
      `the wall clock jumps by ${jumpMs / 3_600_000} h while calls are under way: none ends early or late`,
      async (lab) => {
        let answer = () => {};
        const server = await lab.server({
          grpc: {
            onRequest: (stream) => {
              if (stream.call === 1) answer = () => stream.answer();
              if (Date.now === realNow) jump();
            },
          },
          rest: {
            onRequest: (exchange) => {
              if (exchange.call === 1) answer = () => exchange.answer();
              if (Date.now === realNow) jump();
            },
          },
        });
        const realNow = Date.now;
        const jump = () => {
          Date.now = () => realNow() + jumpMs;
          setTimeout(() => answer(), 100);
        };
        try {
          const client = lab.client(server.address);
          const first = lab.ask(client);
          const second = lab.ask(client, { timeoutMs: 200 });
          expect((await first).error).toBeUndefined();
          const late = await second;
          expect(late.error).toMatchObject({ kind: "timeout" });
          expect(late.durationMs).toBeGreaterThan(190);
        } finally {
          Date.now = realNow;
        }
      },
    );
  }

  row(60, "both", "an answer that came while the event loop was blocked wins over the deadline", async (lab) => {
    const block = () => {
      // After the reply is on its way: it lies in the socket when the loop comes back.
      setImmediate(() => {
        const until = performance.now() + 1_500;
        while (performance.now() < until);
      });
    };
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          stream.answer();
          if (stream.call === 2) block();
        },
      },
      rest: {
        onRequest: (exchange) => {
          exchange.answer();
          if (exchange.call === 2) block();
        },
      },
    });
    const client = lab.client(server.address);
    expect((await lab.ask(client)).error).toBeUndefined();
    // The law's limit for lateness is the machine's; here the machine was held up on purpose.
    const held = await lab.ledger.run(
      (call, onResponse) =>
        client.predict({ model: `call-${call}`, inputs: { x: [call] } }, { timeoutMs: 1_000, onResponse }),
      { timeoutMs: 5_000 },
    );
    expect(held.error).toBeUndefined();
  });

  row(28, "both", "the deadline of the call stays the last word where the server speaks of its own", async (lab) => {
    let speak = () => {};
    const server = await lab.server({
      grpc: {
        onRequest: (stream) => {
          speak = () => stream.status(CODE_NUMBERS.DEADLINE_EXCEEDED, "late");
        },
      },
      rest: {
        onRequest: (exchange) => {
          speak = () => exchange.error(504, "late");
        },
      },
    });
    const client = lab.client(server.address);
    const outcome = await lab.ask(client, { timeoutMs: SHORT_TIMEOUT_MS });
    speak();
    expect(outcome.error).toMatchObject({ kind: "timeout" });
    expect(outcome.error?.message).toContain(`timeoutMs ${SHORT_TIMEOUT_MS}`);
  });
});
