import { describe, expect } from "vitest";
import { invalidArgument } from "../../../src/errors/invalid-argument.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import type { ModelDefinition } from "../../../src/testing/model-definition.ts";
import { AbortedByTest } from "../lab/find-breaches.ts";
import type { Laboratory } from "../lab/laboratory.ts";
import type { Outcome } from "../lab/ledger.ts";
import { row } from "../lab/row.ts";

const rows = { dtype: "float32", shape: [-1] };
const ROWS_IN = { inputs: { x: rows }, outputs: { x: rows } };

/** Gives its rows back, unless one of them is among the ones it refuses. */
function picky(refused: readonly number[]): ModelDefinition {
  return {
    versions: {
      1: {
        signatures: { serving_default: ROWS_IN },
        predict: ({ x }) => {
          const found = [...((x as Tensor).data as Float32Array)].find((value) => refused.includes(value));
          if (found !== undefined) throw invalidArgument(`row ${found} is not to be had`);
          return { x: x as Tensor };
        },
      },
    },
  };
}

/** Calls that come together, each with its number as its one row. */
async function together(lab: Laboratory, definition: ModelDefinition, calls: number, signals: AbortSignal[] = []) {
  const server = await lab.testServer({ models: { m: definition } });
  const model = lab.client(server.address).model("m", { batching: { maxBatchSize: calls, batchTimeoutMs: 5 } });
  await model.signature();
  const before = server.calls.length;
  const outcomes = await Promise.all(
    Array.from({ length: calls }, (_, index) =>
      lab.ledger.run(
        (call, onResponse) => {
          const signal = signals[index];
          return model.predict({ x: [call] }, { onResponse, ...(signal === undefined ? {} : { signal }) });
        },
        { timeoutMs: 5_000 },
      ),
    ),
  );
  const byCall = (one: Outcome, other: Outcome) => one.call - other.call;
  return { server, requests: server.calls.length - before, outcomes: outcomes.sort(byCall) };
}

describe("batching", () => {
  row(61, "both", "of a batch with bad members exactly those fail, with few more requests", async (lab) => {
    const { outcomes, requests } = await together(lab, picky([3, 11]), 16);
    const failed = outcomes.filter(({ error }) => error !== undefined);
    expect(failed.map(({ call, error }) => [call, error?.kind])).toEqual([
      [3, "invalid"],
      [11, "invalid"],
    ]);
    // The batch, and what finds one bad member in 16, twice.
    expect(requests).toBeLessThanOrEqual(1 + 2 * (2 * 4 + 1));
  });

  row(61, "both", "an answer with other rows than were sent is nobody's answer", async (lab) => {
    const short: ModelDefinition = {
      versions: {
        1: { signatures: { serving_default: ROWS_IN }, predict: () => ({ x: Float32Array.of(1) }) },
      },
    };
    const { outcomes } = await together(lab, short, 8);
    expect(outcomes.map(({ error }) => error?.kind)).toEqual(new Array(8).fill("protocol"));
  });

  row(61, "both", "a member that has left takes nobody with it", async (lab) => {
    const controller = new AbortController();
    const reason = new AbortedByTest();
    setImmediate(() => controller.abort(reason));
    const { outcomes } = await together(lab, picky([]), 8, [controller.signal]);
    const left = outcomes.filter(({ rejection }) => rejection === reason);
    expect(left.length).toBeLessThanOrEqual(1);
    expect(outcomes.filter(({ error }) => error !== undefined)).toEqual([]);
  });

  row(61, "both", "a model without a batch dimension is refused when it is set up", async (lab) => {
    const scalar = { dtype: "float32", shape: [] };
    const whole: ModelDefinition = {
      versions: {
        1: {
          signatures: { serving_default: { inputs: { x: rows }, outputs: { x: scalar } } },
          predict: () => ({ x: 1 }),
        },
      },
    };
    const server = await lab.testServer({ models: { m: whole } });
    const model = lab.client(server.address).model("m", { batching: true });
    await expect(model.signature()).rejects.toMatchObject({ kind: "invalid" });
  });
});
