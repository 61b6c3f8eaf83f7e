import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ResponseInfo } from "../../src/contract/call-options.ts";
import type { CallContext } from "../../src/contract/transport.ts";
import { setRetryFacts } from "../../src/errors/retry-facts.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { setUp } from "../unit/client/fake-transport.ts";
import fc from "./fast-check.ts";

/** What a transport may do with one try. `deaf` ones do not hear a cancellation. */
const behaviour = fc.record({
  afterMs: fc.constantFrom(0, 1, 15, 40, 90, Number.POSITIVE_INFINITY),
  deaf: fc.boolean(),
  does: fc.constantFrom(
    "answer",
    "unavailable",
    "overloaded",
    "asks to wait",
    "asks to stop",
    "not found",
    "invalid",
    "unauthenticated",
    "timeout",
    "throws",
  ),
} as const);

type Behaviour = typeof behaviour extends fc.Arbitrary<infer B> ? B : never;

const FAILURES: Readonly<Record<Exclude<Behaviour["does"], "answer">, () => unknown>> = {
  unavailable: () => new ServingError("x", { code: "UNAVAILABLE", kind: "unavailable" }),
  overloaded: () => new ServingError("x", { code: "RESOURCE_EXHAUSTED", kind: "overloaded" }),
  "asks to wait": () =>
    setRetryFacts(new ServingError("x", { code: "UNAVAILABLE", kind: "unavailable" }), { retryAfterMs: 30 }),
  "asks to stop": () =>
    setRetryFacts(new ServingError("x", { code: "UNAVAILABLE", kind: "unavailable" }), { retryAfterMs: -1 }),
  "not found": () => new ServingError("x", { code: "NOT_FOUND", kind: "not_found" }),
  invalid: () => new ServingError("x", { code: "INVALID_ARGUMENT", kind: "invalid" }),
  unauthenticated: () => new ServingError("x", { code: "UNAUTHENTICATED", kind: "auth" }),
  timeout: () => new ServingError("x", { code: "DEADLINE_EXCEEDED", kind: "timeout" }),
  throws: () => new Error("a mistake in a transport"),
};

const scene = fc.record({
  tries: fc.array(behaviour, { minLength: 12, maxLength: 12 }),
  maxRetries: fc.integer({ min: 0, max: 4 }),
  attemptTimeoutMs: fc.constantFrom(undefined, 20, 60),
  hedging: fc.constantFrom(false as const, { delayMs: 10, maxHedges: 1 }, { delayMs: 25, maxHedges: 3 }),
  concurrency: fc.constantFrom(false as const, { initialLimit: 1, maxQueue: 1 }),
  idempotent: fc.boolean(),
  auth: fc.constantFrom(undefined, "Bearer fixed", async () => "Bearer made"),
  timeoutMs: fc.constantFrom(0, 50, 150, 1_000),
  abortMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
  closeMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
});

describe("a call with retries, hedges and limits, whatever the transport does", () => {
  it("settles once, by its deadline, and leaves nothing behind", async () => {
    const unhandled: unknown[] = [];
    const onUnhandled = (error: unknown) => unhandled.push(error);
    process.on("unhandledRejection", onUnhandled);
    await fc.assert(
      fc.asyncProperty(scene, async ({ tries, timeoutMs, abortMs, closeMs, ...options }) => {
        const infos: ResponseInfo[] = [];
        const behave = ({ afterMs, deaf, does }: Behaviour, { cancellation }: CallContext) =>
          new Promise<{ outputs: object; modelSpec: { name: string } }>((resolve, reject) => {
            const end = () =>
              does === "answer" ? resolve({ outputs: {}, modelSpec: { name: "m" } }) : reject(FAILURES[does]());
            const timer = afterMs === Number.POSITIVE_INFINITY ? undefined : clock.setTimeout(end, afterMs);
            if (deaf) return;
            cancellation.onCancel((reason) => {
              clock.clearTimeout(timer);
              reject(reason);
            });
          });
        let sent = 0;
        const { client, clock, transport } = setUp(
          { predict: (_request, context) => behave(tries[sent++ % tries.length] as Behaviour, context) as never },
          { ...options, onResponse: (info) => void infos.push(info) },
        );
        const controller = new AbortController();
        const { signal } = controller;
        const start = clock.now();
        const outcomes: { readonly value: unknown; readonly atMs: number; readonly sentBefore: number }[] = [];
        const settle = (value: unknown) => {
          outcomes.push({ value, atMs: clock.now() - start, sentBefore: transport.sent.length });
        };
        client.predict({ model: "m", inputs: {} }, { timeoutMs, signal }).then(settle, settle);
        if (abortMs !== undefined) clock.setTimeout(() => controller.abort("left"), abortMs);
        if (closeMs !== undefined) clock.setTimeout(() => void client.close({ timeoutMs: 0 }), closeMs);
        await clock.advance(1_200);

        expect(outcomes).toHaveLength(1);
        const { value, atMs, sentBefore } = outcomes[0]!;
        const endsMs = Math.min(timeoutMs, abortMs ?? timeoutMs, closeMs ?? timeoutMs);
        expect(atMs).toBeLessThanOrEqual(endsMs);
        if (value === "left") expect(atMs).toBe(abortMs);
        else if (!("outputs" in (value as object))) expect(value).toBeInstanceOf(ServingError);
        // No try begins after the end, and none goes on that can be stopped.
        expect(transport.sent).toHaveLength(sentBefore);
        for (const { context } of transport.sent) expect(context.cancellation.cancelled).toBe(true);
        const hedges = options.hedging ? options.hedging.maxHedges : 0;
        expect(sentBefore).toBeLessThanOrEqual(1 + options.maxRetries + hedges);
        const numbers = transport.sent.map(({ context }) => context.attempt);
        expect(numbers).toEqual(numbers.map((_, index) => index + 1));
        expect(infos).toHaveLength(1);
        expect(getEventListeners(signal, "abort")).toEqual([]);
        expect(clock.pending).toBe(0);
      }),
      { numRuns: 600 },
    );
    process.off("unhandledRejection", onUnhandled);
    expect(unhandled).toEqual([]);
  }, 300_000);
});
