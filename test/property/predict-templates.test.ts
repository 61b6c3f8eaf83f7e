import { describe, expect, it } from "vitest";
import { PredictRequest as Message } from "#generated/tensorflow_serving/apis/predict.ts";
import type { PredictRequest } from "../../src/contract/predict.ts";
import { PredictCodec } from "../../src/grpc/predict.ts";
import { type DType, FIXED_WIDTH } from "../../src/tensor/dtype.ts";
import { sizeOf } from "../../src/tensor/shape.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import fc from "./fast-check.ts";

/** From few choices each, so that many requests differ in one thing, or in none but their elements. */
const tensors: fc.Arbitrary<Tensor> = fc
  .record({
    dtype: fc.constantFrom<DType>("float32", "float64", "int32", "uint8", "int64", "bool", "complex64", "string"),
    shape: fc.constantFrom([], [0], [1], [2], [1, 2], [2, 1], [3, 0], [100], [200]),
    seed: fc.nat(255),
  })
  .map(({ dtype, shape, seed }) => {
    const size = sizeOf(shape);
    if (dtype === "string") {
      return new Tensor(
        dtype,
        shape,
        Array.from({ length: size }, (_, index) => Buffer.alloc((seed * (index + 1)) % 5, seed)),
      ) as Tensor;
    }
    const { array, bytesPerElement } = FIXED_WIDTH[dtype];
    const bytes = Uint8Array.from({ length: size * bytesPerElement }, (_, index) => seed + index * 3);
    return new Tensor(dtype, shape, new array(bytes.buffer) as never) as Tensor;
  });

const requests: fc.Arbitrary<PredictRequest> = fc
  .record({
    model: fc.constantFrom("m", "n", "mä"),
    choice: fc.constantFrom(
      {},
      { version: 0 },
      { version: 1 },
      { version: 1n },
      { version: 2 ** 40 },
      { versionLabel: "" },
      { versionLabel: "1" },
    ),
    signatureName: fc.constantFrom(undefined, "", "m", "s"),
    outputFilter: fc.constantFrom(undefined, [], ["y"], ["z"], ["y", "z"], ["z", "y"]),
    inputs: fc.uniqueArray(fc.tuple(fc.constantFrom("x", "y", "longer"), tensors), {
      selector: ([name]) => name,
      maxLength: 3,
    }),
  })
  .map(({ choice, inputs, ...rest }) => ({ ...rest, ...choice, inputs: Object.fromEntries(inputs) }) as PredictRequest);

/** A few requests, asked again and again, each time changed in one thing at most. */
const conversations: fc.Arbitrary<PredictRequest[]> = fc.array(requests, { minLength: 1, maxLength: 4 }).chain((some) =>
  fc.array(
    fc
      .tuple(
        fc.constantFrom(...some),
        requests,
        fc.constantFrom("model", "signatureName", "outputFilter", "inputs", "tensor", "name", "order", "nothing"),
      )
      .map(([request, other, change]): PredictRequest => {
        if (change === "nothing") return request;
        const inputs = Object.entries(request.inputs);
        const [name, tensor] = Object.entries(other.inputs)[0] ?? ["y", inputs[0]?.[1]];
        const changed = {
          tensor: () => inputs.map(([own, value]) => [own, tensor ?? value]),
          name: () => inputs.map(([own, value], index) => [index === 0 ? name : own, value]),
          order: () => inputs.reverse(),
        };
        if (change in changed) {
          return { ...request, inputs: Object.fromEntries(changed[change as keyof typeof changed]()) };
        }
        return { ...request, [change]: other[change as keyof PredictRequest] };
      }),
    { minLength: 1, maxLength: 40 },
  ),
);

function write(outgoing: ReturnType<PredictCodec["encode"]>): Buffer {
  const frame = Buffer.alloc(outgoing.length + 8, 0xee);
  expect(outgoing.copy(frame, 5)).toBe(outgoing.length);
  expect([...frame.subarray(0, 5), ...frame.subarray(-3)]).toEqual(Array.from({ length: 8 }, () => 0xee));
  return frame.subarray(5, -3);
}

describe("a codec that remembers", () => {
  it("writes each of many requests that are nearly the same as one that does not, and as the generated code", () => {
    const codec = new PredictCodec();
    fc.assert(
      fc.property(conversations, (asked) => {
        for (const request of asked) {
          const bytes = write(codec.encode(request));
          expect(bytes).toEqual(write(new PredictCodec().encode(request)));
          expect(Buffer.from(Message.encode(Message.decode(bytes)).finish())).toEqual(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("writes messages that wait for one another each with its own elements", () => {
    const codec = new PredictCodec();
    fc.assert(
      fc.property(conversations, fc.infiniteStream(fc.nat()), (asked, random) => {
        const waiting = asked.map((request) => ({ request, outgoing: codec.encode(request) }));
        while (waiting.length > 0) {
          const [{ request, outgoing }] = waiting.splice((random.next().value as number) % waiting.length, 1) as [
            (typeof waiting)[number],
          ];
          expect(write(outgoing)).toEqual(write(new PredictCodec().encode(request)));
        }
      }),
      { numRuns: 100 },
    );
  });
});
