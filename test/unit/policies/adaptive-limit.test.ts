import { describe, expect, it } from "vitest";
import type { Call } from "../../../src/contract/transport.ts";
import type { ServingError } from "../../../src/errors/serving-error.ts";
import { AdaptiveLimit } from "../../../src/policies/adaptive-limit.ts";
import { type ConcurrencyOptions, concurrencyLimit } from "../../../src/policies/concurrency-limit.ts";
import { newContext } from "./call-context.ts";
import { FakeClock } from "./fake-clock.ts";
import { SimulatedServer, seeded } from "./simulated-server.ts";

/** A second of a simulation. */
interface Second {
  answered: number;
  rejected: number;
  latencies: number[];
}

interface Scene {
  readonly perSecond: number;
  readonly workers?: number;
  readonly serviceMs?: (random: () => number) => number;
  readonly serverQueue?: number;
  readonly options?: ConcurrencyOptions;
  readonly seed?: number;
}

/** Callers who come at random and do not wait for each other. */
function simulate({ perSecond, workers = 8, serviceMs, serverQueue, options = {}, seed = 1 }: Scene) {
  const clock = new FakeClock();
  const random = seeded(seed);
  const service = () => (serviceMs === undefined ? 40 + 20 * random() : serviceMs(random));
  const server = new SimulatedServer(clock, {
    workers,
    serviceMs: service,
    ...(serverQueue === undefined ? {} : { maxQueue: serverQueue }),
  });
  const wire = (async (_operation, _request, context) => {
    await server.serve(context.cancellation);
    context.ledger.attempts.push({ attempt: 1, endpoint: "", code: "OK", durationMs: 0 });
    return {};
  }) as Call;
  const call = concurrencyLimit(clock, options)(wire);
  const start = clock.now();
  const seconds: Second[] = [];
  const now = (): Second => {
    const index = Math.floor((clock.now() - start) / 1_000);
    seconds[index] ??= { answered: 0, rejected: 0, latencies: [] };
    return seconds[index];
  };
  let slowestRejectionMs = 0;
  const arrive = () => {
    const at = clock.now();
    call("predict", { model: "m", inputs: {} }, newContext()).then(
      () => {
        const second = now();
        second.answered++;
        second.latencies.push(clock.now() - at);
      },
      (error: ServingError) => {
        now().rejected++;
        if (error.code === "RESOURCE_EXHAUSTED") slowestRejectionMs = Math.max(slowestRejectionMs, clock.now() - at);
      },
    );
    clock.setTimeout(arrive, -Math.log(1 - random()) * (1_000 / perSecond));
  };
  clock.setTimeout(arrive, 0);
  const between = (from: number, to: number) => {
    const part = seconds.slice(from, to);
    const latencies = part.flatMap((second) => second.latencies).sort((a, b) => a - b);
    return {
      goodput: part.reduce((sum, second) => sum + second.answered, 0) / (to - from),
      p99: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
      rejected: part.reduce((sum, second) => sum + second.rejected, 0),
    };
  };
  return { clock, server, service, between, slowestRejectionMs: () => slowestRejectionMs };
}

describe("AdaptiveLimit, C1: 8 workers of 50 ms, twice the calls they can answer", () => {
  it.each([1, 2, 3])(
    "answers 95 %% of what they can, each within three times 50 ms (seed %i)",
    async (seed) => {
      const { clock, server, between, slowestRejectionMs } = simulate({ perSecond: 320, seed });
      await clock.advance(30_000);
      const steady = between(10, 30);
      expect(steady.goodput).toBeGreaterThanOrEqual(0.95 * 160);
      expect(steady.p99).toBeLessThanOrEqual(150);
      expect(slowestRejectionMs()).toBe(0);

      server.workers = 4;
      await clock.advance(10_000);
      await clock.advance(10_000);
      const halved = between(40, 50);
      expect(halved.goodput).toBeGreaterThanOrEqual(0.92 * 80);
      expect(halved.p99).toBeLessThanOrEqual(175);

      server.workers = 8;
      await clock.advance(10_000);
      await clock.advance(10_000);
      const whole = between(60, 70);
      expect(whole.goodput).toBeGreaterThanOrEqual(0.94 * 160);
      expect(whole.p99).toBeLessThanOrEqual(150);
    },
    30_000,
  );

  it("does so too where the server has a short queue and refuses the rest", async () => {
    const { clock, between } = simulate({ perSecond: 320, serverQueue: 8 });
    await clock.advance(30_000);
    expect(between(10, 30).goodput).toBeGreaterThanOrEqual(0.95 * 160);
  });

  it("finds its way up from one at a time", async () => {
    const { clock, between } = simulate({ perSecond: 320, options: { initialLimit: 1 } });
    await clock.advance(20_000);
    expect(between(10, 20).goodput).toBeGreaterThanOrEqual(0.94 * 160);
  });

  it("learns that the model itself has become slower", async () => {
    const { clock, server, service, between } = simulate({ perSecond: 320 });
    await clock.advance(10_000);
    server.serviceMs = () => 2 * service();
    await clock.advance(20_000);
    expect(between(20, 30).goodput).toBeGreaterThanOrEqual(0.9 * 80);
  });

  it("keeps out of the way of a program that sends less than the server can answer", async () => {
    const { clock, between } = simulate({ perSecond: 40 });
    await clock.advance(30_000);
    expect(between(0, 30).rejected).toBe(0);
    expect(between(0, 30).p99).toBeLessThan(110);
  });
});

describe("AdaptiveLimit", () => {
  it("shrinks by a tenth for overload, once in the time that an answer takes, and never below one", async () => {
    const clock = new FakeClock();
    const limit = new AdaptiveLimit({ clock, initialLimit: 20, maxLimit: 200 });
    const press = () => limit.note(clock.now(), 20, "pressed");
    for (let call = 0; call < 50; call++) press();
    expect(limit.current).toBe(20);
    await clock.advance(100);
    press();
    expect(limit.current).toBe(18);
    for (let window = 0; window < 200; window++) {
      await clock.advance(100);
      press();
    }
    expect(limit.current).toBe(1);
  });

  it("does not grow while it is not used up", async () => {
    const clock = new FakeClock();
    const limit = new AdaptiveLimit({ clock, initialLimit: 20, maxLimit: 200 });
    for (let call = 0; call < 500; call++) {
      const startedAt = clock.now();
      await clock.advance(5);
      limit.note(startedAt, 3, "answered");
    }
    expect(limit.current).toBe(20);
  });

  it("never exceeds its maximum, nor what it begins with where that is more", () => {
    const clock = new FakeClock();
    expect(new AdaptiveLimit({ clock, initialLimit: 20, maxLimit: 5 }).current).toBe(5);
  });
});
