import { describe, expect, it } from "vitest";
import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { DTYPES, FIXED_WIDTH, type FixedWidthDType } from "../../../../src/tensor/dtype.ts";
import { Tensor } from "../../../../src/tensor/tensor.ts";
import { readTensorProto, toDataType, writeTensorProto } from "../../../../src/testing/wire/tensor-proto.ts";

function proto(partial: object, ...shape: number[]): TensorProto {
  const dim = shape.map((size) => ({ size: BigInt(size) }));
  return TensorProto.fromPartial({ tensorShape: { dim }, ...partial } as never);
}

/** Six elements of the dtype, none alike where it has that many. */
function sample(dtype: (typeof DTYPES)[number]): Tensor {
  if (dtype === "string") {
    const texts = ["", "a", "x".repeat(300), "ä", "\0", "z"];
    return new Tensor(
      dtype,
      [2, 3],
      texts.map((text) => new TextEncoder().encode(text)),
    );
  }
  const { array, valuesPerElement } = FIXED_WIDTH[dtype as FixedWidthDType];
  const data = new array(6 * valuesPerElement);
  for (let i = 0; i < data.length; i++) {
    const value = dtype === "bool" ? i % 2 : i + 1;
    data[i] = (dtype === "int64" || dtype === "uint64" ? BigInt(value) : value) as never;
  }
  return new Tensor(dtype, [2, 3], data as never);
}

describe("writeTensorProto and readTensorProto", () => {
  it.each(DTYPES.flatMap((dtype) => [[dtype, "values"] as const, [dtype, "content"] as const]))(
    "take %s there and back as %s",
    (dtype, encoding) => {
      const tensor = sample(dtype);
      const bytes = TensorProto.encode(writeTensorProto(tensor, encoding)).finish();
      const read = readTensorProto(TensorProto.decode(bytes));
      expect(read?.dtype).toBe(dtype);
      expect(read?.shape).toEqual([2, 3]);
      expect(read?.data).toEqual(tensor.data);
    },
  );

  it.each(["values", "content"] as const)("write no values of an empty tensor as %s", (encoding) => {
    const empty = new Tensor("float32", [0, 3], new Float32Array(0));
    expect(writeTensorProto(empty, encoding)).toMatchObject({ floatVal: [], tensorContent: { length: 0 } });
  });
});

describe("readTensorProto", () => {
  const data = (message: TensorProto) => readTensorProto(message)?.data;

  it("fills a short list with its last value, and an empty one with zero", () => {
    expect(data(proto({ dtype: 1, floatVal: [1, 2] }, 4))).toEqual(Float32Array.of(1, 2, 2, 2));
    expect(data(proto({ dtype: 9, int64Val: [7n] }, 3))).toEqual(BigInt64Array.of(7n, 7n, 7n));
    expect(data(proto({ dtype: 8, scomplexVal: [1, 2] }, 2))).toEqual(Float32Array.of(1, 2, 1, 2));
    expect(data(proto({ dtype: 1 }, 2))).toEqual(Float32Array.of(0, 0));
    expect(data(proto({ dtype: 7, stringVal: [Uint8Array.of(65)] }, 2))).toEqual([
      Uint8Array.of(65),
      Uint8Array.of(65),
    ]);
  });

  it("ignores values beyond the shape", () => {
    expect(data(proto({ dtype: 3, intVal: [1, 2, 3] }, 2))).toEqual(Int32Array.of(1, 2));
  });

  it("takes a shape that is missing, or of unknown rank, for that of a scalar", () => {
    expect(readTensorProto(TensorProto.fromPartial({ dtype: 1, floatVal: [5, 6] }))).toMatchObject({
      shape: [],
      size: 1,
    });
    const unknown = TensorProto.fromPartial({ dtype: 1, tensorShape: { unknownRank: true } });
    expect(readTensorProto(unknown)?.shape).toEqual([]);
  });

  it("ignores every value where the shape holds no elements", () => {
    expect(data(proto({ dtype: 1, floatVal: [1], tensorContent: Uint8Array.of(1) }, 0))).toEqual(new Float32Array(0));
  });

  it.each<[string, TensorProto]>([
    ["no dtype", proto({}, 1)],
    ["a dtype that nobody knows", proto({ dtype: 99 }, 1)],
    ["a dtype that no tensor here can hold", proto({ dtype: toDataType("DT_RESOURCE") }, 1)],
    ["a negative length", proto({ dtype: 1 }, -1)],
    ["more than 254 axes", proto({ dtype: 1 }, ...new Array<number>(255).fill(1))],
    ["more elements than 2^53", proto({ dtype: 1 }, 2 ** 40, 2 ** 40)],
    ["more elements than memory", proto({ dtype: 1 }, 2 ** 40)],
    ["content that is too short", proto({ dtype: 1, tensorContent: new Uint8Array(3) }, 1)],
    ["content that is too long", proto({ dtype: 1, tensorContent: new Uint8Array(8) }, 1)],
    ["a bool of 2", proto({ dtype: 10, tensorContent: Uint8Array.of(2) }, 1)],
    ["string content that ends in a length", proto({ dtype: 7, tensorContent: Uint8Array.of(0x80) }, 1)],
    ["string content with bytes left over", proto({ dtype: 7, tensorContent: Uint8Array.of(1, 65, 66) }, 1)],
    ["string content that is too short", proto({ dtype: 7, tensorContent: Uint8Array.of(2, 65) }, 1)],
  ])("finds %s malformed", (_, message) => {
    expect(readTensorProto(message)).toBeUndefined();
  });
});
