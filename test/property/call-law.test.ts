import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import type { ResponseInfo } from "../../src/contract/call-options.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { setUp } from "../unit/client/fake-transport.ts";
import fc from "./fast-check.ts";

const HANG = 1_000;

/** Moments of one call, in milliseconds from its start; `HANG` never comes. */
const moments = fc.record({
  authMs: fc.constantFrom(undefined, 0, 3, 8, HANG),
  middlewareMs: fc.constantFrom(undefined, 0, 4, 9, HANG),
  answerMs: fc.constantFrom(0, 5, 11, HANG),
  fails: fc.boolean(),
  timeoutMs: fc.constantFrom(0, 6, 13, 20, Number.POSITIVE_INFINITY),
  abortMs: fc.constantFrom(undefined, 2, 10, 17),
  closeMs: fc.constantFrom(undefined, 7, 12),
});

describe("a call, whatever goes on around it", () => {
  it("settles once, at the first thing that ends it, and leaves nothing behind", async () => {
    await fc.assert(
      fc.asyncProperty(moments, async (m) => {
        const infos: ResponseInfo[] = [];
        const later = (ms: number) =>
          new Promise<void>((resolve) => {
            if (ms !== HANG) clock.setTimeout(resolve, ms);
          });
        const auth = async () => {
          await later(m.authMs ?? 0);
          return "Bearer t";
        };
        const answer = async () => {
          await later(m.answerMs);
          if (m.fails) throw new ServingError("no", { code: "INTERNAL", kind: "internal" });
          return { versions: [] };
        };
        const { client, clock, transport } = setUp(
          { getModelStatus: answer },
          {
            onResponse: (info) => void infos.push(info),
            ...(m.authMs === undefined ? {} : { auth }),
            middleware:
              m.middlewareMs === undefined
                ? []
                : [
                    async (call, next) => {
                      await later(m.middlewareMs as number);
                      return next(call);
                    },
                  ],
          },
        );
        const controller = new AbortController();
        const { signal } = controller;
        const start = clock.now();
        let outcome: unknown;
        let settledAt = -1;
        let settlements = 0;
        const settle = (value: unknown) => {
          outcome = value;
          settledAt = clock.now() - start;
          settlements++;
        };
        client.getModelStatus({ model: "m" }, { timeoutMs: m.timeoutMs, signal }).then(() => settle("answer"), settle);
        const ends: { at: number; is: (value: unknown) => boolean }[] = [
          { at: m.timeoutMs, is: (value) => value instanceof ServingError && value.kind === "timeout" },
        ];
        const steps: number[] = [m.middlewareMs ?? 0, m.authMs ?? 0, m.answerMs];
        if (!steps.includes(HANG)) {
          const at = steps.reduce((sum, ms) => sum + ms, 0);
          ends.push({
            at,
            is: (value) => (m.fails ? value instanceof ServingError && value.kind === "internal" : value === "answer"),
          });
        }
        if (m.abortMs !== undefined) {
          clock.setTimeout(() => controller.abort("left"), m.abortMs);
          ends.push({ at: m.abortMs, is: (value) => value === "left" });
        }
        if (m.closeMs !== undefined) {
          clock.setTimeout(() => void client.close({ timeoutMs: 0 }), m.closeMs);
          ends.push({ at: m.closeMs, is: (value) => value instanceof ServingError && value.kind === "closed" });
        }
        await clock.advance(100);

        const first = Math.min(...ends.map(({ at }) => at));
        if (first === Number.POSITIVE_INFINITY) {
          expect(settlements).toBe(0);
          return;
        }
        expect(settlements).toBe(1);
        expect(settledAt).toBe(first);
        expect(ends.filter(({ at }) => at === first).some(({ is }) => is(outcome))).toBe(true);
        expect(infos).toHaveLength(1);
        expect(getEventListeners(signal, "abort")).toEqual([]);
        // Nothing goes out after the end: what was sent was sent before it.
        for (const { context } of transport.sent) expect(context.cancellation.cancelled).toBe(true);
        expect(transport.sent.length).toBeLessThanOrEqual(1);
        if (m.timeoutMs === 0) expect(transport.sent).toEqual([]);
      }),
      { numRuns: 400 },
    );
  });
});
