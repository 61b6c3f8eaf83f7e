import { describe, expect, it } from "vitest";
import type { PredictRequest } from "../../src/contract/predict.ts";
import { invalidArgument } from "../../src/errors/invalid-argument.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { Cancellation } from "../../src/internal/cancellation.ts";
import type { DType } from "../../src/tensor/dtype.ts";
import { DTYPES, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { slice } from "../../src/tensor/slice.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { plusOne, rows, sentValues, setUp, valuesOf } from "../unit/batching/set-up.ts";
import { setUp as setUpClient } from "../unit/client/fake-transport.ts";
import { turn } from "../unit/policies/fake-clock.ts";
import fc from "./fast-check.ts";

/** Numbers of one row each, some of them bad: up to 64 callers. */
const CALLERS = fc.integer({ min: 1, max: 64 }).chain((count) =>
  fc.record({
    count: fc.constant(count),
    bad: fc.uniqueArray(fc.integer({ min: 0, max: count - 1 }), { maxLength: Math.min(count, 5) }),
  }),
);

describe("a batch with bad members", () => {
  it("fails exactly these, for at most 2 * ceil(log2 n) + 1 requests more where there is one (1,000 batches)", async () => {
    await fc.assert(
      fc.asyncProperty(CALLERS, async ({ count, bad }) => {
        const { predict, sent } = setUp({ maxBatchSize: 64 }, ({ request }) => {
          const values = [...(request.inputs["x"] as Tensor<"float32">).data];
          return values.some((value) => bad.includes(value))
            ? Promise.reject(invalidArgument("bad"))
            : plusOne(request);
        });
        const results = await Promise.allSettled(Array.from({ length: count }, (_, index) => predict(rows(index))));
        for (const [index, result] of results.entries()) {
          if (bad.includes(index)) expect(result).toMatchObject({ status: "rejected", reason: { kind: "invalid" } });
          else expect(result.status === "fulfilled" && valuesOf(result.value)).toEqual([index + 1]);
        }
        const depth = Math.ceil(Math.log2(count));
        const most = bad.length === 1 ? 2 * depth + 1 : bad.length * 2 * depth;
        expect(sent.length - 1).toBeLessThanOrEqual(most);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("waiting in a batch", () => {
  it("is never longer than batchTimeoutMs + 5 ms", async () => {
    const arrivals = fc.array(
      fc.record({ afterMs: fc.integer({ min: 0, max: 12 }), rows: fc.integer({ min: 1, max: 9 }) }),
      {
        minLength: 1,
        maxLength: 40,
      },
    );
    await fc.assert(
      fc.asyncProperty(arrivals, fc.integer({ min: 1, max: 20 }), async (calls, batchTimeoutMs) => {
        const sentAt = new Map<number, number>();
        const { clock, predict, events } = setUp(
          { batchTimeoutMs, maxInFlight: Number.POSITIVE_INFINITY, maxEnqueuedBatches: 64 },
          ({ request }) => {
            for (const value of (request.inputs["x"] as Tensor<"float32">).data) sentAt.set(value, clock.now());
            return plusOne(request);
          },
        );
        const cameAt: number[] = [];
        const answers: Promise<unknown>[] = [];
        for (const [index, call] of calls.entries()) {
          await clock.advance(call.afterMs);
          cameAt.push(clock.now());
          answers.push(predict(rows(...new Array<number>(call.rows).fill(index))));
        }
        await clock.advance(batchTimeoutMs);
        await Promise.all(answers);
        for (const [index, came] of cameAt.entries()) {
          expect(sentAt.get(index)! - came).toBeLessThanOrEqual(batchTimeoutMs + 5);
        }
        expect(clock.pending).toBe(0);
        for (const event of events) if (event.type === "batchSent") expect(event.rows).toBeLessThanOrEqual(8);
      }),
      { numRuns: 200 },
    );
  });
});

describe("10,000 calls that abort and run out of time at random", () => {
  it("settle once each, with their own rows or their own reason, and leave nothing behind", async () => {
    const random = seeded(20_260_711);
    let underWay = 0;
    const settings = { maxBatchSize: 16, maxEnqueuedBatches: 1_000, maxInFlight: 3 };
    const { clock, predict, sent } = setUp(settings, async ({ request, context }) => {
      underWay++;
      // A batch takes up to 9 ms and fails now and then; a cancelled one ends at once.
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, random() * 9);
        context.cancellation.onCancel(() => {
          clock.clearTimeout(timer);
          resolve();
        });
      });
      underWay--;
      context.cancellation.throwIfCancelled();
      if (random() < 0.02) throw new ServingError("down", { code: "UNAVAILABLE", kind: "unavailable" });
      if ([...(request.inputs["x"] as Tensor<"float32">).data].some((value) => value % 997 === 0)) {
        throw invalidArgument("a multiple of 997");
      }
      return plusOne(request);
    });

    const outcomes = new Map<number, string>();
    const settledTwice: number[] = [];
    let nextRow = 0;
    const note = (id: number, outcome: string) => {
      if (outcomes.has(id)) settledTwice.push(id);
      outcomes.set(id, outcome);
    };
    for (let id = 0; id < 10_000; id++) {
      const own = Array.from({ length: 1 + Math.floor(random() * 3) }, () => nextRow++);
      const cancellation = new Cancellation();
      predict(rows(...own), { cancellation }).then(
        (answer) =>
          note(id, valuesOf(answer).join() === own.map((value) => value + 1).join() ? "own rows" : "others' rows"),
        (reason: unknown) => {
          if (reason === `reason ${id}`) note(id, "own reason");
          else if (!(reason instanceof ServingError)) note(id, "somebody else's reason");
          else if (reason.kind === "invalid")
            note(id, own.some((value) => value % 997 === 0) ? "own fault" : "others' fault");
          else note(id, reason.kind);
        },
      );
      if (random() < 0.3) clock.setTimeout(() => cancellation.cancel(`reason ${id}`), random() * 20);
      if (random() < 0.2) await clock.advance(random() * 4);
    }
    await clock.advance(60_000);

    const counts: Record<string, number> = {};
    for (const outcome of outcomes.values()) counts[outcome] = (counts[outcome] ?? 0) + 1;
    expect(Object.keys(counts).sort()).toEqual(["own fault", "own reason", "own rows", "unavailable"]);
    expect(outcomes.size).toBe(10_000);
    expect(settledTwice).toEqual([]);
    expect(underWay).toBe(0);
    expect(clock.pending).toBe(0);
    expect(sent.length).toBeLessThan(6_000);
  });
});

describe("10,000 calls of a client, with signals and timeouts of their own", () => {
  it("end once each, within their time, with their own rows or their own reason", async () => {
    const random = seeded(20_260_712);
    const { client, clock, transport } = setUpClient({}, { batching: { maxBatchSize: 16, maxEnqueuedBatches: 1_000 } });
    transport.answers.predict = async (request, { cancellation }) => {
      await new Promise<void>((resolve) => {
        const timer = clock.setTimeout(resolve, random() * 9);
        cancellation.onCancel(() => {
          clock.clearTimeout(timer);
          resolve();
        });
      });
      cancellation.throwIfCancelled();
      return plusOne(request);
    };
    const counts: Record<string, number> = {};
    const late: number[] = [];
    const ask = async (id: number) => {
      const startedAt = clock.now();
      const timeoutMs = 1 + Math.floor(random() * 40);
      const controller = new AbortController();
      if (random() < 0.3) clock.setTimeout(() => controller.abort(`reason ${id}`), random() * 20);
      const outcome = await client.predict(rows(id), { timeoutMs, signal: controller.signal }).then(
        (answer) => (valuesOf(answer).join() === String(id + 1) ? "own row" : "another's row"),
        (reason: unknown) => {
          if (reason === `reason ${id}`) return "own reason";
          return reason instanceof ServingError ? reason.kind : "another's reason";
        },
      );
      if (clock.now() - startedAt > timeoutMs + 1) late.push(id);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    };
    const calls: Promise<void>[] = [];
    for (let id = 0; id < 10_000; id++) {
      calls.push(ask(id));
      if (random() < 0.2) await clock.advance(random() * 4);
    }
    await clock.advance(1_000);
    await Promise.all(calls);
    expect(Object.keys(counts).sort()).toEqual(["own reason", "own row", "timeout"]);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(10_000);
    expect(late).toEqual([]);
    expect(clock.pending).toBe(0);
  });
});

describe("merging and splitting", () => {
  it("gives back the rows of every dtype and shape as they were", async () => {
    const calls = fc.tuple(
      fc.constantFrom<DType>(...DTYPES),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 2 }),
    );
    await fc.assert(
      fc.asyncProperty(calls, async ([dtype, counts, inner]) => {
        const echo = ({ request }: { request: PredictRequest }) => ({
          outputs: request.inputs,
          modelSpec: { name: "m" },
        });
        const { predict } = setUp({ maxBatchSize: 100 }, echo);
        let seed = 0;
        const tensors = counts.map((count) => filled(dtype, [count, ...inner], () => seed++));
        const answers = await Promise.all(tensors.map((x) => predict({ model: "m", inputs: { x } })));
        for (const [index, { outputs }] of answers.entries()) {
          expect(outputs["x"]?.dtype).toBe(dtype);
          expect(outputs["x"]?.shape).toEqual(tensors[index]?.shape);
          expect([...(outputs["x"] as Tensor<"float32">).data]).toEqual([
            ...(tensors[index] as Tensor<"float32">).data,
          ]);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("fills up lengths with the first element and cuts the answers back", async () => {
    const shapes = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 4 })),
      {
        minLength: 1,
        maxLength: 8,
      },
    );
    const spec = { dtype: "int32", shape: [-1, -1, -1], tensorName: "" };
    const signature = { methodName: "", inputs: { x: spec }, outputs: { x: spec, total: { ...spec, shape: [-1] } } };
    await fc.assert(
      fc.asyncProperty(shapes, async (each) => {
        const { predict, sent } = setUp({ maxBatchSize: 100, padVariableLengthInputs: true }, ({ request }) => {
          const x = request.inputs["x"] as Tensor<"int32">;
          const total = Int32Array.from({ length: x.shape[0]! }, (_, row) =>
            (slice(x, row, row + 1).data as Int32Array).reduce((sum, value) => sum + value, 0),
          );
          return { outputs: { x, total: new Tensor("int32", [total.length], total) }, modelSpec: { name: "m" } };
        });
        let seed = 1;
        const tensors = each.map((shape) => filled("int32", shape, () => seed++) as Tensor<"int32">);
        const answers = await Promise.all(tensors.map((x) => predict({ model: "m", inputs: { x } }, { signature })));
        expect(sent).toHaveLength(1);
        const [, height, width] = sent[0]!.request.inputs["x"]!.shape as [number, number, number];
        for (const [index, { outputs }] of answers.entries()) {
          const own = tensors[index]!;
          expect(outputs["x"]?.shape).toEqual(own.shape);
          expect([...(outputs["x"] as Tensor<"int32">).data]).toEqual([...own.data]);
          const padding = height * width - own.size / own.shape[0]!;
          const totals = Array.from({ length: own.shape[0]! }, (_, row) =>
            slice(own, row, row + 1).data.reduce((sum, value) => sum + value, padding * own.data[0]!),
          );
          expect([...(outputs["total"] as Tensor<"int32">).data]).toEqual(totals);
        }
      }),
      { numRuns: 200 },
    );
  });
});

describe("splitting a large call", () => {
  it("sends every row once and joins the answers in order, among others", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 }), async (sizes) => {
        const { predict, sent } = setUp({ maxBatchSize: 7, maxEnqueuedBatches: 100 });
        let next = 0;
        const own = sizes.map((size) => Array.from({ length: size }, () => next++));
        const answers = await Promise.all(own.map((values) => predict(rows(...values))));
        expect(answers.map(valuesOf)).toEqual(own.map((values) => values.map((value) => value + 1)));
        expect(sentValues(sent).flat()).toEqual(own.flat());
        for (const values of sentValues(sent)) expect(values.length).toBeLessThanOrEqual(7);
        await turn();
      }),
      { numRuns: 200 },
    );
  });
});

function filled(dtype: DType, shape: readonly number[], next: () => number): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  if (dtype === "string")
    return new Tensor(
      "string",
      shape,
      Array.from({ length: size }, () => Uint8Array.of(next() & 255)),
    );
  const { array, valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  const data = new array(size * valuesPerElement) as Float32Array;
  const isLong = dtype === "int64" || dtype === "uint64";
  for (let at = 0; at < data.length; at++) data[at] = (isLong ? BigInt(next()) : next()) as number;
  return new Tensor<DType>(dtype, shape, data as never);
}

/** The same numbers in every run. @see https://en.wikipedia.org/wiki/Xorshift */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
