import { describe, expect, it } from "vitest";
import { Cancellation } from "../../../src/internal/cancellation.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import type { CallScope } from "../../../src/testing/call-scope.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { ServerError } from "../../../src/testing/server-error.ts";
import { ServingCore } from "../../../src/testing/serving-core.ts";

const scope: CallScope = {
  wire: "fake",
  headers: {},
  runDeadlineAt: Number.POSITIVE_INFINITY,
  cancellation: new Cancellation(),
};

const float = { dtype: "float32", shape: null };
const pick = {
  versions: {
    1: {
      signatures: { serving_default: { inputs: { a: float, b: float }, outputs: { y: float } } },
      // Gives the shape that b has, whatever a has.
      predict: ({ b }: Readonly<Record<string, Tensor>>) => ({ y: b?.data[0] === 0 ? 1 : (b as Tensor) }),
    },
  },
};

async function predict(inputs: Readonly<Record<string, Tensor>>, model = "pick") {
  const core = new ServingCore({ models: { pick, half_plus_two: halfPlusTwo }, batching: { maxBatchSize: 4 } });
  await core.start();
  const requested = { name: model, version: undefined, versionLabel: undefined, signatureName: "" };
  return core.predict(requested, new Map(Object.entries(inputs)), [], scope);
}

const rows = (length: number, value = 1) => new Tensor("float32", [length], new Float32Array(length).fill(value));

describe("batching", () => {
  it("lets requests up to the batch size pass", async () => {
    const { outputs } = await predict({ x: rows(4) }, "half_plus_two");
    expect(outputs.get("y")?.shape).toEqual([4]);
  });

  it.each([
    ["too many rows", rows(5), rows(5), "INVALID_ARGUMENT", "Task size 5 is larger than maximum input batch size 4"],
    [
      "a scalar",
      rows(1),
      new Tensor("float32", [], Float32Array.of(1)),
      "INVALID_ARGUMENT",
      "Batching Run() input tensors must have at least one dimension",
    ],
    [
      "unequal rows",
      rows(1),
      rows(2),
      "INVALID_ARGUMENT",
      "Batching Run() input tensors must have equal 0th-dimension size",
    ],
    ["a scalar output", rows(2), rows(2, 0), "FAILED_PRECONDITION", "Batched output tensor has 0 dimensions"],
  ] as const)("refuses %s", async (_, a, b, code, message) => {
    await expect(predict({ a, b })).rejects.toEqual(new ServerError(code, message));
  });

  it("counts examples as rows", async () => {
    const core = new ServingCore({ models: { half_plus_two: halfPlusTwo }, batching: { maxBatchSize: 1 } });
    await core.start();
    const requested = {
      name: "half_plus_two",
      version: undefined,
      versionLabel: undefined,
      signatureName: "regress_x_to_y",
    };
    const example = { features: new Map() };
    await expect(core.regress(requested, [example, example], scope)).rejects.toThrow("Task size 2");
  });
});
