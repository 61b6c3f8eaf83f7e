import { describe, expect, it } from "vitest";
import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { TensorShapeProto } from "#generated/tensorflow/core/framework/tensor_shape.ts";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictRequest, PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import type { PredictRequest as ContractRequest } from "../../src/contract/predict.ts";
import { ServingError } from "../../src/errors/serving-error.ts";
import { PredictCodec } from "../../src/grpc/predict.ts";
import { DTYPES, type DType, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import fc from "./fast-check.ts";
import { bytesField, message, type NumberKind, pieces, shuffled } from "./grpc-wire-bytes.ts";

const predictCodec = new PredictCodec();

const LIMITS = { maxMessageBytes: 1 << 20 };
const REQUEST: ContractRequest = { model: "m", inputs: {} };

const WIRE_NAMES: Record<DType, keyof typeof DataType> = {
  float16: "DT_HALF",
  bfloat16: "DT_BFLOAT16",
  float32: "DT_FLOAT",
  float64: "DT_DOUBLE",
  int8: "DT_INT8",
  int16: "DT_INT16",
  int32: "DT_INT32",
  int64: "DT_INT64",
  uint8: "DT_UINT8",
  uint16: "DT_UINT16",
  uint32: "DT_UINT32",
  uint64: "DT_UINT64",
  bool: "DT_BOOL",
  string: "DT_STRING",
  complex64: "DT_COMPLEX64",
  complex128: "DT_COMPLEX128",
};

const LISTS: Record<FixedWidthDType, { field: number; kind: NumberKind }> = {
  float16: { field: 13, kind: "int32" },
  bfloat16: { field: 13, kind: "int32" },
  float32: { field: 5, kind: "float" },
  float64: { field: 6, kind: "double" },
  int8: { field: 7, kind: "int32" },
  int16: { field: 7, kind: "int32" },
  int32: { field: 7, kind: "int32" },
  int64: { field: 10, kind: "int64" },
  uint8: { field: 7, kind: "int32" },
  uint16: { field: 7, kind: "int32" },
  uint32: { field: 16, kind: "uint32" },
  uint64: { field: 17, kind: "uint64" },
  bool: { field: 11, kind: "bool" },
  complex64: { field: 9, kind: "float" },
  complex128: { field: 12, kind: "double" },
};

const shapes = fc.array(fc.nat(5), { maxLength: 4 });
const name = fc.oneof(fc.string({ unit: "grapheme", maxLength: 50 }), fc.constantFrom("__proto__", "constructor", "x"));

function elements(dtype: DType, size: number): fc.Arbitrary<Tensor["data"]> {
  const exact = { minLength: size, maxLength: size };
  switch (dtype) {
    case "string":
      return fc.array(fc.uint8Array({ maxLength: 300, size: "max" }), exact);
    case "bool":
      return fc.uint8Array({ ...exact, max: 1 });
    case "int8":
      return fc.int8Array(exact);
    case "uint8":
      return fc.uint8Array(exact);
    case "int16":
      return fc.int16Array(exact);
    case "uint16":
    case "float16":
    case "bfloat16":
      return fc.uint16Array(exact);
    case "int32":
      return fc.oneof(fc.int32Array(exact), fc.int32Array({ ...exact, min: -3, max: 300 }));
    case "uint32":
      return fc.uint32Array(exact);
    case "int64":
      return fc.oneof(fc.bigInt64Array(exact), fc.bigInt64Array({ ...exact, min: -3n, max: 1000n }));
    case "uint64":
      return fc.oneof(fc.bigUint64Array(exact), fc.bigUint64Array({ ...exact, max: 1n << 40n }));
    case "float32":
      return fc.float32Array(exact);
    case "float64":
      return fc.float64Array(exact);
    case "complex64":
      return fc.float32Array({ minLength: 2 * size, maxLength: 2 * size });
    case "complex128":
      return fc.float64Array({ minLength: 2 * size, maxLength: 2 * size });
  }
}

const tensors: fc.Arbitrary<Tensor> = fc.tuple(fc.constantFrom(...DTYPES), shapes).chain(([dtype, shape]) =>
  elements(
    dtype,
    shape.reduce((product, length) => product * length, 1),
  ).map((data) => new Tensor(dtype, shape, data as never) as Tensor),
);

const numberTensors = tensors.filter((tensor) => tensor.dtype !== "string") as fc.Arbitrary<Tensor<FixedWidthDType>>;

const requests: fc.Arbitrary<ContractRequest> = fc
  .record({
    model: name,
    choice: fc.oneof(
      fc.record({ version: fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 0n, max: 2n ** 63n - 1n })) }),
      fc.record({ versionLabel: name }),
      fc.constant({}),
    ),
    signatureName: fc.option(name, { nil: undefined }),
    inputs: fc.array(fc.tuple(name, tensors), { maxLength: 4 }),
    outputFilter: fc.option(fc.array(name, { maxLength: 3 }), { nil: undefined }),
  })
  .map(({ choice, inputs, ...rest }) => {
    const record: Record<string, Tensor> = Object.create(null);
    for (const [key, tensor] of inputs) record[key] = tensor;
    return { ...rest, ...choice, inputs: record } as ContractRequest;
  });

function write(request: ContractRequest): Buffer {
  const outgoing = predictCodec.encode(request);
  // Room on both sides, to see that nothing is written outside.
  const frame = Buffer.alloc(outgoing.length + 10, 0xee);
  expect(outgoing.copy(frame, 5)).toBe(outgoing.length);
  expect(frame.subarray(0, 5).every((byte) => byte === 0xee)).toBe(true);
  expect(frame.subarray(outgoing.length + 5).every((byte) => byte === 0xee)).toBe(true);
  return frame.subarray(5, 5 + outgoing.length);
}

function bytesOf(data: ArrayBufferView): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.byteLength);
}

function reply(tensorBytes: Uint8Array, key = "y"): Buffer {
  const entry = message(bytesField(1, Buffer.from(key)), bytesField(2, tensorBytes));
  return Buffer.from(bytesField(1, entry));
}

function readOne(tensorBytes: Uint8Array): Tensor {
  return predictCodec.decode(reply(tensorBytes), REQUEST, LIMITS).outputs["y"] as Tensor;
}

function head(tensor: Tensor): Uint8Array[] {
  const shape = { dim: tensor.shape.map((length) => ({ size: BigInt(length), name: "" })), unknownRank: false };
  return [Uint8Array.of(8, DataType[WIRE_NAMES[tensor.dtype]]), bytesField(2, TensorShapeProto.encode(shape).finish())];
}

function valuesOf(tensor: Tensor): (number | bigint | boolean)[] {
  const values = Array.from(tensor.data as ArrayLike<number | bigint>);
  return tensor.dtype === "bool" ? values.map((value) => value === 1) : values;
}

describe("PredictCodec.encode", () => {
  it("writes what the generated code reads", () => {
    fc.assert(
      fc.property(requests, (request) => {
        const read = PredictRequest.decode(write(request));
        expect(read.modelSpec?.name).toBe(Buffer.from(request.model).toString());
        expect(read.modelSpec?.signatureName).toBe(Buffer.from(request.signatureName ?? "").toString());
        if (request.version !== undefined) {
          expect(read.modelSpec?.versionChoice).toEqual({ $case: "version", value: BigInt(request.version) });
        } else if (request.versionLabel !== undefined) {
          const value = Buffer.from(request.versionLabel).toString();
          expect(read.modelSpec?.versionChoice).toEqual({ $case: "versionLabel", value });
        } else expect(read.modelSpec?.versionChoice).toBeUndefined();
        expect(read.outputFilter).toEqual((request.outputFilter ?? []).map((text) => Buffer.from(text).toString()));
        expect([...read.inputs.keys()]).toEqual(Object.keys(request.inputs).map((key) => Buffer.from(key).toString()));
        for (const [key, proto] of read.inputs) {
          const tensor = request.inputs[key] as Tensor;
          expect(proto.dtype).toBe(DataType[WIRE_NAMES[tensor.dtype]]);
          expect(proto.tensorShape?.dim.map(({ size }) => Number(size))).toEqual(tensor.shape);
          if (tensor.dtype === "string") {
            expect(proto.stringVal.map((bytes) => Buffer.from(bytes))).toEqual(
              (tensor.data as readonly Uint8Array[]).map((bytes) => Buffer.from(bytes)),
            );
          } else expect(Buffer.from(proto.tensorContent)).toEqual(bytesOf(tensor.data as Float32Array));
        }
      }),
      { numRuns: 300 },
    );
  });

  it("writes the bytes that the generated code would write", () => {
    fc.assert(
      fc.property(requests, (request) => {
        // An empty name may be written or left out.
        fc.pre(!Object.hasOwn(request.inputs, ""));
        const bytes = write(request);
        expect(Buffer.from(PredictRequest.encode(PredictRequest.decode(bytes)).finish())).toEqual(bytes);
      }),
      { numRuns: 200 },
    );
  });
});

describe("PredictCodec.decode", () => {
  it("reads tensor_content into an array of its own", () => {
    fc.assert(
      fc.property(
        numberTensors.chain((tensor) =>
          shuffled([...head(tensor), bytesField(4, bytesOf(tensor.data as Float32Array))]).map((bytes) => ({
            tensor,
            bytes,
          })),
        ),
        ({ tensor, bytes }) => {
          const read = readOne(bytes);
          expect(read.dtype).toBe(tensor.dtype);
          expect(read.shape).toEqual(tensor.shape);
          expect(read.data).toEqual(tensor.data);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("reads value lists in any order, in pieces, packed or not, with unknown fields between, as generated code does", () => {
    fc.assert(
      fc.property(
        numberTensors.chain((tensor) => {
          const { field, kind } = LISTS[tensor.dtype];
          const [dtype, shape] = head(tensor) as [Uint8Array, Uint8Array];
          return pieces(field, kind, valuesOf(tensor)).chain((list) =>
            // The pieces keep their order, the rest goes anywhere around them.
            fc.tuple(shuffled([dtype]), shuffled([shape]), fc.boolean()).map(([a, b, first]) => ({
              tensor,
              bytes: first ? message(a, ...list, b) : message(...list, b, a),
            })),
          );
        }),
        ({ tensor, bytes }) => {
          const generated = TensorProto.decode(bytes);
          const lists: Record<NumberKind, readonly unknown[]> = {
            float: generated.floatVal.length > 0 ? generated.floatVal : generated.scomplexVal,
            double: generated.doubleVal.length > 0 ? generated.doubleVal : generated.dcomplexVal,
            int32: generated.intVal.length > 0 ? generated.intVal : generated.halfVal,
            int64: generated.int64Val,
            uint32: generated.uint32Val,
            uint64: generated.uint64Val,
            bool: generated.boolVal,
          };
          const read = readOne(bytes);
          expect(read.shape).toEqual(tensor.shape);
          expect(read.data).toEqual(tensor.data);
          expect(valuesOf(read)).toEqual(lists[LISTS[tensor.dtype].kind]);
          expect(read.data.constructor).toBe(FIXED_WIDTH[tensor.dtype].array);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("reads strings in both forms, as bytes and as text", () => {
    const texts = fc.array(
      fc.oneof(fc.string({ maxLength: 300, size: "max" }), fc.string({ unit: "binary", maxLength: 20 })),
      {
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(texts, fc.boolean(), (values, asContent) => {
        const elements = values.map((text) => Buffer.from(text));
        const tensor = new Tensor("string", [values.length], elements) as Tensor;
        const lengths = elements.map((element) => {
          const bytes: number[] = [];
          let rest = element.length;
          while (rest > 127) {
            bytes.push((rest & 127) | 128);
            rest >>>= 7;
          }
          return Buffer.from([...bytes, rest]);
        });
        const body = asContent
          ? [bytesField(4, Buffer.concat([...lengths, ...elements]))]
          : elements.map((element) => bytesField(8, element));
        const read = readOne(message(...head(tensor), ...body));
        expect((read.data as readonly Uint8Array[]).map((bytes) => Buffer.from(bytes))).toEqual(elements);
        expect(readOne(message(...head(tensor), ...body)).toStrings()).toEqual(
          elements.map((element) => element.toString()),
        );
      }),
      { numRuns: 200 },
    );
  });

  it("reads what the generated code writes, by name and with the served version", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(name, numberTensors), { maxLength: 4 }),
        fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
        (outputs, version) => {
          const protos = new Map(
            outputs.map(([key, tensor]) => [
              Buffer.from(key).toString(),
              TensorProto.fromPartial({
                dtype: DataType[WIRE_NAMES[tensor.dtype]],
                tensorShape: { dim: tensor.shape.map((length) => ({ size: BigInt(length) })) },
                tensorContent: bytesOf(tensor.data as Float32Array),
              }),
            ]),
          );
          const bytes = PredictResponse.encode({
            modelSpec: { name: "served", versionChoice: { $case: "version", value: version }, signatureName: "s" },
            outputs: protos,
          }).finish();
          const read = predictCodec.decode(Buffer.from(bytes), REQUEST, LIMITS);
          expect(Object.keys(read.outputs).sort()).toEqual([...protos.keys()].sort());
          expect(Object.getPrototypeOf(read.outputs)).toBeNull();
          expect(BigInt(read.modelSpec.version as number)).toBe(version);
          expect(typeof read.modelSpec.version).toBe(version <= BigInt(Number.MAX_SAFE_INTEGER) ? "number" : "bigint");
          const last = new Map(outputs.map(([key, tensor]) => [Buffer.from(key).toString(), tensor]));
          for (const [key, tensor] of last) expect(read.outputs[key]?.data).toEqual(tensor.data);
        },
      ),
      { numRuns: 100 },
    );
  });

  it("ends in an answer or a decode error, whatever the bytes", () => {
    const valid = fc.tuple(numberTensors, tensors).map(([a, b]) => {
      const { field } = LISTS[a.dtype];
      return Buffer.concat([
        reply(message(...head(a), bytesField(field, bytesOf(a.data as Float32Array))), "a"),
        reply(message(...head(b), bytesField(4, Buffer.alloc(12, 3)), bytesField(8, Buffer.from("text"))), "b"),
      ]);
    });
    const mutated = fc
      .tuple(valid, fc.array(fc.tuple(fc.nat(400), fc.nat(255)), { maxLength: 6 }), fc.option(fc.nat(400)))
      .map(([bytes, edits, cut]) => {
        for (const [at, byte] of edits) if (bytes.length > 0) bytes[at % bytes.length] = byte;
        return cut === null ? bytes : bytes.subarray(0, cut);
      });
    fc.assert(
      fc.property(
        fc.oneof(
          mutated,
          fc.uint8Array({ maxLength: 120 }).map((bytes) => Buffer.from(bytes)),
        ),
        (bytes) => {
          try {
            const { outputs } = predictCodec.decode(bytes, REQUEST, LIMITS);
            for (const tensor of Object.values(outputs)) expect(tensor.data.length).toBeLessThan(1 << 22);
          } catch (error) {
            if (!(error instanceof ServingError)) throw error;
            expect(error.kind).toBe("decode");
            expect(error.code).toBe("INTERNAL");
          }
        },
      ),
      { numRuns: 3000 },
    );
  });
});
