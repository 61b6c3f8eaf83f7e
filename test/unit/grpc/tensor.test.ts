import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictCodec } from "../../../src/grpc/predict.ts";
import type { Tensor } from "../../../src/tensor/tensor.ts";
import { bytesField, message } from "../../property/grpc-wire-bytes.ts";

const predictCodec = new PredictCodec();

const LIMITS = { maxMessageBytes: 1 << 20 };

function varint(number: number, value: number | bigint): Uint8Array {
  return new BinaryWriter()
    .uint32(number << 3)
    .uint64(value)
    .finish();
}

function dim(size: number | bigint): Uint8Array {
  return bytesField(2, new BinaryWriter().uint32(8).int64(size).finish());
}

function shape(...sizes: readonly (number | bigint)[]): Uint8Array {
  return bytesField(2, message(...sizes.map(dim)));
}

function dtype(name: keyof typeof DataType): Uint8Array {
  return varint(1, DataType[name]);
}

function entry(name: Uint8Array | string, ...tensors: readonly Uint8Array[]): Uint8Array {
  return bytesField(1, message(bytesField(1, Buffer.from(name)), ...tensors.map((tensor) => bytesField(2, tensor))));
}

function decodeAll(...fields: readonly Uint8Array[]) {
  return predictCodec.decode(Buffer.from(message(...fields)), { model: "m", inputs: {} }, LIMITS);
}

function decode(...fields: readonly Uint8Array[]): Tensor {
  return decodeAll(entry("y", message(...fields))).outputs["y"] as Tensor;
}

function faultOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    expect(error).toMatchObject({ code: "INTERNAL", kind: "decode", retryable: false });
    return (error as { rawMessage: string }).rawMessage;
  }
  throw new Error("nothing was thrown");
}

const floats = (...values: readonly number[]) => Buffer.from(Float32Array.from(values).buffer);

describe("a received tensor", () => {
  it("repeats its last value to fill the shape", () => {
    expect(decode(dtype("DT_FLOAT"), shape(4), bytesField(5, floats(1, 2))).data).toEqual(Float32Array.of(1, 2, 2, 2));
    expect(decode(dtype("DT_INT64"), shape(3), varint(10, 7)).data).toEqual(BigInt64Array.of(7n, 7n, 7n));
    expect(decode(dtype("DT_COMPLEX64"), shape(3), bytesField(9, floats(1, 2))).data).toEqual(
      Float32Array.of(1, 2, 1, 2, 1, 2),
    );
    expect(decode(dtype("DT_STRING"), shape(3), bytesField(8, Buffer.from("a"))).toStrings()).toEqual(["a", "a", "a"]);
    const filled = decode(dtype("DT_STRING"), shape(2), bytesField(8, Buffer.from("a"))).data as Uint8Array[];
    expect(filled).toEqual([Uint8Array.of(97), Uint8Array.of(97)]);
    expect(filled[0]?.buffer).not.toBe(filled[1]?.buffer);
  });

  it("is zeros, or empty strings, without any value", () => {
    expect(decode(dtype("DT_DOUBLE"), shape(2)).data).toEqual(Float64Array.of(0, 0));
    expect(decode(dtype("DT_STRING"), shape(2)).toStrings()).toEqual(["", ""]);
    expect(decode(dtype("DT_STRING"), shape(2)).data).toEqual([new Uint8Array(0), new Uint8Array(0)]);
  });

  it("is a scalar without a shape, and empty with a length of 0", () => {
    expect(decode(dtype("DT_INT32"), varint(7, 5)).shape).toEqual([]);
    expect(decode(dtype("DT_INT32"), varint(7, 5)).data).toEqual(Int32Array.of(5));
    expect(decode(dtype("DT_FLOAT"), shape(0, 3)).data).toEqual(new Float32Array(0));
  });

  it("owns its memory", () => {
    const bytes = Buffer.from(
      entry("y", message(dtype("DT_FLOAT"), shape(20), bytesField(5, floats(...Array(20).keys())))),
    );
    const { outputs } = predictCodec.decode(bytes, { model: "m", inputs: {} }, LIMITS);
    bytes.fill(0xff);
    expect(outputs["y"]?.data).toEqual(Float32Array.from(Array(20).keys()));
    expect((outputs["y"] as Tensor<"float32">).data.buffer.byteLength).toBe(80);
  });

  it("has strings of any length, those of 128 bytes and more included", () => {
    const texts = ["a".repeat(127), "b".repeat(128), "", "c".repeat(20_000), "d"];
    const fields = texts.map((text) => bytesField(8, Buffer.from(text)));
    expect(decode(dtype("DT_STRING"), shape(5), ...fields).toStrings()).toEqual(texts);
  });

  it("become text one by one, whatever their characters take in UTF-8 and UTF-16", () => {
    const texts = ["", "é", "日本", "🙂🙃", "a\uFEFF", "\uFEFFb", "x".repeat(100), "ü".repeat(40), "", "end"];
    const fields = texts.map((text) => bytesField(8, Buffer.from(text)));
    expect(decode(dtype("DT_STRING"), shape(12), ...fields).toStrings()).toEqual([...texts, "end", "end"]);
    // One element that is not UTF-8, alone or by its neighbour, does not touch the others.
    const cut = Buffer.from("é").subarray(0, 1);
    const broken = [Buffer.from("é"), cut, Buffer.from("ok"), Buffer.of(0xa9)];
    expect(decode(dtype("DT_STRING"), shape(4), ...broken.map((bytes) => bytesField(8, bytes))).toStrings()).toEqual([
      "é",
      "\uFFFD",
      "ok",
      "\uFFFD",
    ]);
  });

  it("keeps halves as raw bits", () => {
    expect(decode(dtype("DT_HALF"), shape(2), bytesField(13, Uint8Array.of(0x80, 0x78, 0x01))).data).toEqual(
      Uint16Array.of(0x3c00, 1),
    );
  });

  it("takes negative integers in ten bytes", () => {
    const minusOne = Uint8Array.of(...Array(9).fill(0xff), 1);
    expect(decode(dtype("DT_INT8"), shape(1), bytesField(7, minusOne)).data).toEqual(Int8Array.of(-1));
    expect(decode(dtype("DT_INT32"), shape(1), bytesField(7, minusOne)).data).toEqual(Int32Array.of(-1));
    expect(decode(dtype("DT_INT64"), shape(1), bytesField(10, minusOne)).data).toEqual(BigInt64Array.of(-1n));
    expect(decode(dtype("DT_UINT64"), shape(1), bytesField(17, minusOne)).data).toEqual(
      BigUint64Array.of(2n ** 64n - 1n),
    );
  });

  it("ignores the value lists of other dtypes, as the server does", () => {
    const read = decode(dtype("DT_FLOAT"), shape(1), bytesField(5, floats(1)), varint(7, 9), varint(10, 9));
    expect(read.data).toEqual(Float32Array.of(1));
  });

  it("merges a message that comes in pieces: lists add up, the last scalar counts", () => {
    const first = message(dtype("DT_INT32"), shape(2), bytesField(5, floats(1, 2)));
    const second = message(dtype("DT_FLOAT"), shape(2), bytesField(5, floats(3, 4)));
    const read = decodeAll(entry("y", first, second)).outputs["y"];
    expect(read?.shape).toEqual([2, 2]);
    expect(read?.data).toEqual(Float32Array.of(1, 2, 3, 4));
  });
});

describe("a received tensor that cannot be believed", () => {
  it.each([
    ["a negative dimension", [dtype("DT_FLOAT"), shape(2, -1)], 'outputs["y"].tensor_shape.dim[1]: -1 is negative'],
    [
      "a dimension beyond 2^53-1",
      [dtype("DT_FLOAT"), shape(2n ** 62n)],
      'outputs["y"].tensor_shape.dim[0]: 4611686018427387904 is beyond 2^53-1',
    ],
    [
      "a product that overflows",
      [dtype("DT_FLOAT"), shape(2 ** 40, 2 ** 40)],
      'outputs["y"]: has shape [1099511627776, 1099511627776], more than 134217728 elements',
    ],
    [
      "infinity times zero",
      [dtype("DT_FLOAT"), shape(...Array(60).fill(2 ** 52), 0)],
      /^outputs\["y"\]: has shape \[.*\], more than 134217728 elements$/,
    ],
    [
      "too many dimensions",
      [dtype("DT_FLOAT"), shape(...Array(255).fill(1))],
      'outputs["y"].tensor_shape: has more than 254 dimensions',
    ],
    [
      "an unknown rank",
      [dtype("DT_FLOAT"), bytesField(2, Uint8Array.of(24, 1))],
      'outputs["y"].tensor_shape: says that the rank is not known',
    ],
    [
      "a dtype this library cannot hold",
      [dtype("DT_RESOURCE"), shape(1)],
      'outputs["y"]: has dtype DT_RESOURCE, which this library cannot hold',
    ],
    ["a quantized dtype", [dtype("DT_QINT8")], 'outputs["y"]: has dtype DT_QINT8, which this library cannot hold'],
    ["no dtype", [shape(1)], 'outputs["y"]: has dtype DT_INVALID, which this library cannot hold'],
    ["an unheard-of dtype", [varint(1, 77)], 'outputs["y"]: has dtype DataType 77, which this library cannot hold'],
    [
      "content of another length",
      [dtype("DT_FLOAT"), shape(2), bytesField(4, Buffer.alloc(7))],
      'outputs["y"]: tensor_content has 7 bytes, float32 [2] takes 8',
    ],
    [
      "both content and values",
      [dtype("DT_FLOAT"), shape(1), bytesField(4, floats(1)), bytesField(5, floats(1))],
      'outputs["y"]: has both tensor_content and float_val',
    ],
    [
      "more values than its shape has room for",
      [dtype("DT_FLOAT"), shape(1), bytesField(5, floats(1, 2))],
      'outputs["y"].float_val: holds more values than the shape, which has room for 1',
    ],
    [
      "more integers than its shape has room for",
      [dtype("DT_INT64"), shape(1), bytesField(10, Uint8Array.of(1, 2))],
      'outputs["y"].int64_val: holds more values than the shape, which has room for 1',
    ],
    [
      "values in an empty tensor",
      [dtype("DT_STRING"), shape(0), bytesField(8, Buffer.from("a"))],
      'outputs["y"].string_val: holds more values than the shape, which has room for 0',
    ],
    [
      "half a float",
      [dtype("DT_FLOAT"), shape(1), bytesField(5, Buffer.alloc(3))],
      'outputs["y"].float_val: has 3 bytes, not a multiple of 4',
    ],
    [
      "half a complex number",
      [dtype("DT_COMPLEX64"), shape(2), bytesField(9, floats(1, 2, 3))],
      'outputs["y"].scomplex_val: ends inside a complex number',
    ],
    [
      "an integer that its dtype does not hold",
      [dtype("DT_UINT8"), shape(1), varint(7, 256)],
      'outputs["y"].int_val: 256 is not between 0 and 255',
    ],
    [
      "half bits beyond 16",
      [dtype("DT_HALF"), shape(1), varint(13, 65536)],
      'outputs["y"].half_val: 65536 is not between 0 and 65535',
    ],
    [
      "a bool of 2",
      [dtype("DT_BOOL"), shape(5), bytesField(4, Uint8Array.of(0, 1, 0, 1, 2))],
      'outputs["y"]: a bool is neither 0 nor 1',
    ],
    [
      "a varint of eleven bytes",
      [dtype("DT_INT64"), shape(1), bytesField(10, Uint8Array.of(...Array(10).fill(0x80), 1))],
      'outputs["y"].int64_val: a varint is longer than 10 bytes',
    ],
    [
      "a list that ends inside a varint",
      [dtype("DT_INT32"), shape(2), bytesField(7, Uint8Array.of(1, 0x80))],
      'outputs["y"].int_val: the list ends inside a varint',
    ],
    [
      "a field with another wire type",
      [dtype("DT_FLOAT"), bytesField(1, Buffer.from("x"))],
      'outputs["y"]: field 1 has wire type 2',
    ],
    ["field number 0", [Uint8Array.of(0, 0)], 'outputs["y"]: field number 0 is not allowed'],
    ["wire type 7", [Uint8Array.of((20 << 3) | 7, 1)], 'outputs["y"]: field 20 has wire type 7'],
    [
      "a length beyond the message",
      [dtype("DT_FLOAT"), Uint8Array.of(34, 100, 1)],
      'outputs["y"]: a field claims 100 bytes where 1 are left',
    ],
    [
      "a negative length",
      [Uint8Array.of(34, ...Array(9).fill(0xff), 1)],
      'outputs["y"]: a field claims over 4 GiB of bytes where 0 are left',
    ],
    [
      "string lengths that do not add up",
      [dtype("DT_STRING"), shape(2), bytesField(4, Uint8Array.of(1, 5, 97, 98))],
      'outputs["y"].tensor_content: has 2 bytes behind its lengths, which add up to 6',
    ],
    [
      "fewer string bytes than lengths",
      [dtype("DT_STRING"), shape(100), bytesField(4, Uint8Array.of(1))],
      'outputs["y"].tensor_content: has 1 bytes, fewer than the 100 lengths it begins with',
    ],
  ])("is refused for %s", (_, fields, text) => {
    const fault = faultOf(() => decode(...(fields as Uint8Array[])));
    const expected = typeof text === "string" ? `PredictResponse: ${text}` : text;
    if (typeof expected === "string") expect(fault).toBe(expected);
    else expect(fault.slice("PredictResponse: ".length)).toMatch(expected);
  });

  it("is refused before anything is allocated when one value stands for a thousand million", () => {
    const before = process.memoryUsage().arrayBuffers;
    for (const size of [1e9, 2 ** 26]) {
      expect(faultOf(() => decode(dtype("DT_FLOAT"), shape(size), bytesField(5, floats(1))))).toMatch(
        size === 1e9 ? /more than 134217728 elements/ : /repeats its last value to fill 268435452 bytes/,
      );
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
  });

  it("is refused when many outputs together fill more than a message may have", () => {
    const half = message(dtype("DT_UINT8"), shape(600_000), varint(7, 1));
    expect(decodeAll(entry("a", half)).outputs["a"]?.size).toBe(600_000);
    expect(faultOf(() => decodeAll(entry("a", half), entry("b", half)))).toBe(
      'PredictResponse: outputs["b"].int_val: repeats its last value to fill 599999 bytes; ' +
        "a reply may fill up to maxMessageBytes, 1048576, in all",
    );
  });

  it("is refused when groups are nested without end", () => {
    const nested = new Uint8Array(100_000).fill((20 << 3) | 3);
    for (let at = 0; at < nested.length; at += 2) nested.set([0xa3, 0x01], at);
    expect(faultOf(() => decode(nested))).toBe('PredictResponse: outputs["y"]: groups are nested deeper than 100');
  });
});

describe("received names", () => {
  it("may be those of Object.prototype", () => {
    const tensor = message(dtype("DT_FLOAT"), bytesField(5, floats(1)));
    const { outputs } = decodeAll(entry("__proto__", tensor), entry("constructor", tensor), entry("", tensor));
    expect(Object.keys(outputs)).toEqual(["__proto__", "constructor", ""]);
    expect(Object.getPrototypeOf(outputs)).toBeNull();
  });

  it("count once, the last time, when they come twice", () => {
    const tensor = (value: number) => message(dtype("DT_FLOAT"), bytesField(5, floats(value)));
    expect(decodeAll(entry("y", tensor(1)), entry("y", tensor(2))).outputs["y"]?.data).toEqual(Float32Array.of(2));
  });

  it("must be UTF-8", () => {
    const tensor = message(dtype("DT_FLOAT"));
    expect(faultOf(() => decodeAll(entry(Uint8Array.of(0xc3, 0x28), tensor)))).toBe(
      'PredictResponse: outputs[""]: a text is not UTF-8',
    );
  });

  it("are cut in messages", () => {
    const fault = faultOf(() => decodeAll(entry("n".repeat(500), message(dtype("DT_VARIANT")))));
    expect(fault).toContain(`outputs["${"n".repeat(120)}…"]`);
  });
});
