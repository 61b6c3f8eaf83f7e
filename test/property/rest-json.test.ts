import { describe, expect, it } from "vitest";
import { ServingError } from "../../src/errors/serving-error.ts";
import type { CodecContext } from "../../src/rest/codec.ts";
import { predict } from "../../src/rest/predict.ts";
import { type DType, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import fc from "./fast-check.ts";

const SENDABLE: readonly FixedWidthDType[] = [
  "float32",
  "float64",
  "int8",
  "int16",
  "int32",
  "int64",
  "uint8",
  "uint32",
  "uint64",
  "bool",
];

/** Any bit pattern of any dtype that JSON carries, in any shape that nested lists show. */
const tensors: fc.Arbitrary<Tensor> = fc
  .tuple(fc.constantFrom<DType>(...SENDABLE, "string"), fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 }))
  .chain(([dtype, shape]): fc.Arbitrary<Tensor> => {
    const size = shape.reduce((product, length) => product * length, 1);
    if (dtype === "string") {
      const bytes = fc.oneof(
        fc.uint8Array({ maxLength: 12 }),
        fc.string({ unit: "binary", maxLength: 8 }).map((text) => new TextEncoder().encode(text)),
      );
      return fc.array(bytes, { minLength: size, maxLength: size }).map((data) => new Tensor(dtype, shape, data));
    }
    const { array, bytesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
    const length = size * bytesPerElement;
    return fc.uint8Array({ minLength: length, maxLength: length }).map((bits) => {
      const data = new array(new Uint8Array(bits).buffer);
      if (dtype === "bool")
        for (let index = 0; index < data.length; index++) data[index] = (Number(data[index]) & 1) as never;
      return new Tensor(dtype, shape, data as never);
    });
  });

function contextFor(outputs: Readonly<Record<string, Tensor>>, format: "row" | "columnar"): CodecContext {
  const specs = Object.fromEntries(
    Object.entries(outputs).map(([name, { dtype }]) => [name, { dtype, shape: null, tensorName: "" }]),
  );
  return { format, maxMessageBytes: 1 << 24, signature: { methodName: "", inputs: {}, outputs: specs } };
}

/** What a model that gives its inputs back would answer: the same JSON under the key of replies. */
function echoed(body: Buffer): Buffer {
  const text = body.toString("latin1");
  return Buffer.from(text.replace('"inputs":', '"outputs":').replace('"instances":', '"predictions":'), "latin1");
}

function expectSame(actual: Tensor, expected: Tensor): void {
  expect(actual.dtype).toBe(expected.dtype);
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.data).toEqual(expected.data);
}

describe("a tensor over REST", () => {
  it("comes back with every bit, whatever its dtype, shape and values (NaN payloads aside)", () => {
    fc.assert(
      fc.property(tensors, tensors, (a, b_bytes) => {
        const inputs = { a, b_bytes };
        const context = contextFor(inputs, "columnar");
        const { body } = predict.encode({ model: "m", inputs }, context);
        const reply = { body: echoed(body!), endedByClose: false };
        const { outputs } = predict.decode(reply, { model: "m", inputs: {} }, context);
        expectSame(outputs["a"]!, a);
        expectSame(outputs["b_bytes"]!, b_bytes);
      }),
      { numRuns: 500 },
    );
  });

  it("comes back from row form, where the first dimension is the list of rows", () => {
    const batched = tensors.filter((tensor) => tensor.shape.length > 0);
    fc.assert(
      fc.property(batched, (x) => {
        const y = new Tensor("int32", [x.shape[0]!], new Int32Array(x.shape[0]!));
        const inputs = { x, y };
        const context = contextFor(inputs, "row");
        const { body } = predict.encode({ model: "m", inputs }, context);
        const reply = { body: echoed(body!), endedByClose: false };
        expectSame(predict.decode(reply, { model: "m", inputs: {} }, context).outputs["x"]!, x);
      }),
      { numRuns: 200 },
    );
  });

  it("is JSON that JSON.parse reads to the same float32 values", () => {
    fc.assert(
      fc.property(
        fc.float32Array({ noNaN: true, maxLength: 50 }).filter((values) => values.every(Number.isFinite)),
        (values) => {
          const x = new Tensor("float32", [values.length], values);
          const { body } = predict.encode({ model: "m", inputs: { x } }, contextFor({}, "columnar"));
          const parsed = (JSON.parse(body!.toString()) as { inputs: { x: number[] } }).inputs.x;
          expect(Float32Array.from(parsed)).toEqual(values);
        },
      ),
    );
  });
});

describe("a number of a reply", () => {
  it("is the float32 and the float64 nearest to its text, however many digits it has", () => {
    const texts = fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
      fc
        .tuple(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 1, max: 40 }))
        .map(([value, digits]) => value.toPrecision(digits)),
      fc
        .tuple(fc.float({ noNaN: true, noDefaultInfinity: true }), fc.integer({ min: 0, max: 30 }))
        .map(([value, digits]) => value.toFixed(digits)),
      // Half-way between two float32 neighbours, and a hair beside it.
      fc
        .tuple(fc.integer({ min: 0x3000_0000, max: 0x4b00_0000 }), fc.constantFrom("", "1", "00000000000000000001"))
        .map(([bits, tail]) => {
          const [low, high] = [bits, bits + 1].map((pattern) => new Float32Array(Uint32Array.of(pattern).buffer)[0]!);
          return `${((low! + high!) / 2).toFixed(60).replace(/0+$/, "0")}${tail}`;
        }),
    );
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 20 }), (numbers) => {
        const body = Buffer.from(`{"outputs":[${numbers.join()}]}`);
        for (const dtype of ["float32", "float64"] as const) {
          const values = numbers.map((text) => (dtype === "float32" ? Math.fround(Number(text)) : Number(text)));
          if (!values.every(Number.isFinite)) continue;
          const context = contextFor(
            { y: new Tensor(dtype, [0], new FIXED_WIDTH[dtype].array(0) as never) },
            "columnar",
          );
          const { outputs } = predict.decode({ body, endedByClose: false }, { model: "m", inputs: {} }, context);
          expect(Array.from(outputs["y"]!.data as Float64Array)).toEqual(values);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

describe("a reply of any bytes", () => {
  const pieces = fc.constantFrom(
    '{"outputs":',
    '{"predictions":',
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    '"a"',
    '"b64"',
    '"YQ=="',
    "1",
    "-2.5e3",
    "NaN",
    "true",
    "null",
    " ",
    "\\",
    '"',
    "\ufeff",
    "1e999",
    "__proto__",
  );

  it("decodes or fails with a ServingError of kind decode or truncated, and nothing else", () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 30 }).map((parts) => Buffer.from(parts.join(""))),
          fc.array(pieces, { maxLength: 20 }).map((parts) => Buffer.from(`{"outputs":${parts.join("")}}`)),
          fc
            .uint8Array({ maxLength: 40 })
            .map((bytes) => Buffer.concat([Buffer.from('{"outputs":'), bytes, Buffer.from("}")])),
        ),
        fc.boolean(),
        (body, endedByClose) => {
          try {
            predict.decode(
              { body, endedByClose },
              { model: "m", inputs: {} },
              { ...contextFor({}, "columnar"), signature: undefined },
            );
          } catch (error) {
            expect(error).toBeInstanceOf(ServingError);
            expect(["decode", "truncated"]).toContain((error as ServingError).kind);
          }
        },
      ),
      { numRuns: 3000 },
    );
    expect(Object.keys(Object.prototype)).toEqual([]);
  });
});
