import { describe, expect, it } from "vitest";
import type { CodecContext } from "../../../src/rest/codec.ts";
import { predict } from "../../../src/rest/predict.ts";
import type { DType } from "../../../src/tensor/dtype.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { failure, signature } from "./fixture.ts";

const COLUMNAR: CodecContext = { format: "columnar", signature: undefined, maxMessageBytes: 1 << 20 };
const ROW: CodecContext = { ...COLUMNAR, format: "row" };

const float32 = (shape: number[], ...values: number[]) => new Tensor("float32", shape, Float32Array.from(values));
const strings = (shape: number[], ...values: (string | Uint8Array)[]) =>
  new Tensor(
    "string",
    shape,
    values.map((value) => (typeof value === "string" ? new TextEncoder().encode(value) : value)),
  );

function body(inputs: Record<string, Tensor>, context = COLUMNAR, more: object = {}): string {
  return predict.encode({ model: "m", inputs, ...more }, context).body!.toString("utf8");
}

function decode(json: string, context: CodecContext = COLUMNAR, more: object = {}) {
  return predict.decode({ body: Buffer.from(json), endedByClose: false }, { model: "m", inputs: {}, ...more }, context);
}

function withSignature(outputs: Record<string, [DType, number[] | null]>, base = COLUMNAR): CodecContext {
  const specs = Object.entries(outputs).map(([name, [dtype, shape]]) => [name, { dtype, shape, tensorName: "" }]);
  return { ...base, signature: signature(Object.fromEntries(specs)) };
}

/** A name that an ordinary object would lose. */
const PROTO = "__proto__";

describe("predict.encode", () => {
  it("posts to the model, its version or its label", () => {
    const inputs = { x: float32([], 1) };
    expect(predict.encode({ model: "m", inputs }, COLUMNAR)).toMatchObject({
      method: "POST",
      path: "/models/m:predict",
    });
    expect(predict.encode({ model: "m", version: 7n, inputs }, COLUMNAR).path).toBe("/models/m/versions/7:predict");
    expect(predict.encode({ model: "a/b", versionLabel: "x:y", inputs }, COLUMNAR).path).toBe(
      "/models/a%2Fb/labels/x%3Ay:predict",
    );
  });

  it("names the signature only when the request does", () => {
    expect(body({ x: float32([], 1) })).toBe('{"inputs":{"x":1}}');
    expect(body({ x: float32([], 1) }, COLUMNAR, { signatureName: 'a"b' })).toBe(
      '{"signature_name":"a\\"b","inputs":{"x":1}}',
    );
  });

  it("writes every dtype that the server reads", () => {
    const inputs = {
      f: float32([1, 2], 0.1, -0),
      d: new Tensor("float64", [2], Float64Array.of(0.1, Number.NaN)),
      i8: new Tensor("int8", [1], Int8Array.of(-128)),
      i64: new Tensor("int64", [2], BigInt64Array.of(2n ** 63n - 1n, -1n)),
      u64: new Tensor("uint64", [1], BigUint64Array.of(2n ** 64n - 1n)),
      u32: new Tensor("uint32", [1], Uint32Array.of(4294967295)),
      b: new Tensor("bool", [2], Uint8Array.of(1, 0)),
      s: strings([2, 1], "é\n", Uint8Array.of(255)),
    };
    expect(body(inputs)).toBe(
      '{"inputs":{"f":[[0.1,-0.0]],"d":[0.1,NaN],"i8":[-128],"i64":[9223372036854775807,-1],' +
        '"u64":[18446744073709551615],"u32":[4294967295],"b":[true,false],"s":[["é\\u000a"],[{"b64":"/w=="}]]}}',
    );
  });

  it("reads views at their own offset", () => {
    const words = BigInt64Array.of(1n, 2n, 3n).subarray(1);
    expect(body({ x: new Tensor("int64", [2], words) })).toBe('{"inputs":{"x":[2,3]}}');
  });

  it("sends all of an input whose name ends in _bytes as base64, as the server does with outputs", () => {
    expect(body({ image_bytes: strings([], "hi") })).toBe('{"inputs":{"image_bytes":{"b64":"aGk="}}}');
  });

  it("writes rows as objects with all names", () => {
    const inputs = { a: float32([2, 2], 1, 2, 3, 4), b: strings([2], "x", "y") };
    expect(body(inputs, ROW)).toBe('{"instances":[{"a":[1,2],"b":"x"},{"a":[3,4],"b":"y"}]}');
  });

  it("sends a lone input called b64 without its name, which the server would take for binary data", () => {
    expect(body({ b64: strings([], "x") })).toBe('{"inputs":"x"}');
    expect(body({ b64: float32([2, 1], 1, 2) }, ROW)).toBe('{"instances":[[1],[2]]}');
    expect(body({ b64: strings([], "x"), y: float32([], 1) })).toBe('{"inputs":{"b64":"x","y":1}}');
  });

  it("keeps names that objects usually have by themselves", () => {
    const inputs: Record<string, Tensor> = Object.create(null);
    inputs[PROTO] = float32([], 1);
    expect(body(inputs)).toBe('{"inputs":{"__proto__":1}}');
  });

  it.each<DType>(["float16", "bfloat16", "uint16", "complex64", "complex128"])(
    "refuses %s, naming gRPC",
    async (dtype) => {
      const data =
        dtype === "complex64" ? new Float32Array(2) : dtype === "complex128" ? new Float64Array(2) : new Uint16Array(1);
      const error = await failure(() => body({ x: new Tensor(dtype, [1], data as never) }));
      expect(error.code).toBe("UNIMPLEMENTED");
      expect(error.rawMessage).toBe(`input "x": ${dtype} cannot be sent over REST; use gRPC`);
    },
  );

  it("sends no elements of any dtype, where lists can show the shape", () => {
    expect(body({ x: new Tensor("float16", [2, 0], new Uint16Array()) })).toBe('{"inputs":{"x":[[],[]]}}');
    expect(body({ x: float32([0]) })).toBe('{"inputs":{"x":[]}}');
    expect(body({ x: float32([2, 0]) }, ROW)).toBe('{"instances":[{"x":[]},{"x":[]}]}');
  });

  it("refuses a shape that would arrive as another one", async () => {
    const error = await failure(() => body({ x: float32([0, 3]) }));
    expect(error.code).toBe("UNIMPLEMENTED");
    expect(error.rawMessage).toBe('input "x": shape [0, 3] cannot be sent over REST, it would arrive as [0]; use gRPC');
    await expect(failure(() => body({ x: float32([2, 0, 3]) }, ROW))).resolves.toMatchObject({ code: "UNIMPLEMENTED" });
  });

  it.each<[string, Record<string, Tensor>, string]>([
    ["a scalar", { x: float32([], 1) }, 'input "x" is a scalar: format "row" needs a first dimension; use "columnar"'],
    ["no rows", { x: float32([0]) }, 'input "x" has shape [0]: format "row" cannot send no rows; use "columnar"'],
    [
      "unequal rows",
      { x: float32([2], 1, 2), y: float32([1], 1) },
      'input "y" has 1 rows, input "x" has 2: format "row" needs one common first dimension; use "columnar"',
    ],
  ])("refuses %s in row form", async (_, inputs, message) => {
    const error = await failure(() => body(inputs, ROW));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.rawMessage).toBe(message);
  });

  it("refuses a call without inputs, which REST has no form for", async () => {
    expect((await failure(() => body({}))).code).toBe("UNIMPLEMENTED");
  });

  it("refuses a body above the limit", async () => {
    const error = await failure(() =>
      body({ x: float32([1000], ...new Array(1000).fill(0.5)) }, { ...COLUMNAR, maxMessageBytes: 999 }),
    );
    expect(error.kind).toBe("too_large");
  });

  it("refuses unknown outputs before sending when the signature is known", async () => {
    const context = withSignature({ scores: ["float32", null], classes: ["string", null] });
    const error = await failure(() => body({ x: float32([], 1) }, context, { outputFilter: ["score"] }));
    expect(error.rawMessage).toBe(
      'outputFilter: no output "score"; there is "scores", "classes"; did you mean "scores"?',
    );
    await expect(
      failure(() => body({ x: float32([], 1) }, COLUMNAR, { outputFilter: ["y", "y"] })),
    ).resolves.toMatchObject({ rawMessage: 'outputFilter names "y" twice' });
  });
});

describe("predict.decode", () => {
  it("names a lone output by the signature, and by a placeholder without one", () => {
    const named = decode('{"outputs":[1.5,2.0]}', withSignature({ y: ["float64", [-1]] }));
    expect(named.outputs["y"]).toMatchObject({ dtype: "float64", shape: [2], data: Float64Array.of(1.5, 2) });
    expect(Object.keys(decode('{"outputs":[1.5]}').outputs)).toEqual(["outputs"]);
    expect(Object.keys(decode('{"predictions":[1.5]}', ROW).outputs)).toEqual(["outputs"]);
  });

  it("reads several outputs from an object, each with its own dtype", () => {
    const context = withSignature({ a: ["int32", [-1]], b: ["string", []] });
    const { outputs } = decode('{"outputs":{"b":"x","a":[1,2]}}', context);
    expect(outputs["a"]).toMatchObject({ dtype: "int32", shape: [2] });
    expect(outputs["b"]!.toStrings()).toEqual(["x"]);
    expect(Object.getPrototypeOf(outputs)).toBe(null);
  });

  it("takes {b64} for data and other objects for outputs", () => {
    expect(decode('{"outputs":{"b64":"aGk="}}').outputs["outputs"]!.toStrings()).toEqual(["hi"]);
    expect(Object.keys(decode('{"outputs":{"b64":[1],"c":[2]}}').outputs)).toEqual(["b64", "c"]);
    expect(Object.keys(decode('{"outputs":{"b64":"x","c":[2]}}').outputs)).toEqual(["b64", "c"]);
    expect(Object.keys(decode('{"predictions":[{"b64":"aGk="},{"b64":""}]}', ROW).outputs)).toEqual(["outputs"]);
  });

  it("turns rows of objects into columns", () => {
    const { outputs } = decode('{"predictions":[{"a":[1.0,2.0],"b":7},{"b":8,"a":[3.0,4.5]}]}', ROW);
    expect(outputs["a"]).toMatchObject({ dtype: "float32", shape: [2, 2], data: Float32Array.of(1, 2, 3, 4.5) });
    expect(outputs["b"]).toMatchObject({ dtype: "int64", shape: [2], data: BigInt64Array.of(7n, 8n) });
  });

  it("turns a column to floats when a later row shows a fraction", () => {
    const { outputs } = decode('{"predictions":[{"a":1,"b":1},{"a":2.5,"b":2}]}', ROW);
    expect(outputs["a"]).toMatchObject({ dtype: "float32", data: Float32Array.of(1, 2.5) });
    expect(outputs["b"]!.dtype).toBe("int64");
  });

  it("puts back the dimensions that an empty list lost", () => {
    const context = withSignature({ y: ["float32", [-1, 4, -1]] });
    expect(decode('{"outputs":[]}', context).outputs["y"]!.shape).toEqual([0, 4, 0]);
    const several = withSignature({ a: ["float32", [-1, 2]], b: ["string", null] }, ROW);
    const { outputs } = decode('{"predictions":[]}', several);
    expect([outputs["a"]!.shape, outputs["b"]!.shape]).toEqual([[0, 2], [0]]);
  });

  it("drops the outputs that were not wanted, and refuses names that are not there", async () => {
    const several = '{"outputs":{"a":[1],"b":[2]}}';
    expect(Object.keys(decode(several, COLUMNAR, { outputFilter: ["b"] }).outputs)).toEqual(["b"]);
    expect(Object.keys(decode(several, COLUMNAR, { outputFilter: [] }).outputs)).toEqual(["a", "b"]);
    const error = await failure(() => decode(several, COLUMNAR, { outputFilter: ["c"] }));
    expect(error.code).toBe("INVALID_ARGUMENT");
    expect(error.rawMessage).toBe('outputFilter: no output "c"; there is "a", "b"');
    const lone = await failure(() => decode('{"outputs":[1]}', COLUMNAR, { outputFilter: ["y"] }));
    expect(lone.rawMessage).toBe(
      'outputFilter: no output "y"; there is "outputs" (REST does not name a lone output; a model handle knows its name)',
    );
  });

  it("tells the model that was asked for, and a version only when one was", () => {
    expect(decode('{"outputs":1}').modelSpec).toEqual({ name: "m" });
    expect(decode('{"outputs":1}', COLUMNAR, { version: 3 }).modelSpec).toEqual({ name: "m", version: 3 });
  });

  it("keeps an output called __proto__ an output", () => {
    const { outputs } = decode('{"outputs":{"__proto__":[1],"constructor":[2]}}');
    expect(Object.keys(outputs)).toEqual(["__proto__", "constructor"]);
    expect(outputs[PROTO]!.size).toBe(1);
  });

  it.each([
    ["{}", 'expected "outputs" or "predictions", found an empty object'],
    ['{"results":[1]}', 'the key "results", expected "outputs" or "predictions"'],
    ['{"outputs":1,"predictions":[1]}', 'the key "predictions" beside the outputs'],
    ['{"predictions":7}', "expected a list, found a number"],
    ['{"predictions":[{"a":1},{"b":1}]}', 'row 1 has an output "b" that row 0 does not have'],
    ['{"predictions":[{"a":1,"b":1},{"b":1}]}', "row 1 has 1 outputs, row 0 has 2"],
    ['{"predictions":[{"a":[1,2]},{"a":[1]}]}', "a value of shape [1] behind values of [2]"],
    ['{"outputs":{"a":[1],"a":[2]}}', 'the key "a" comes twice'],
    ['{"outputs":[1]} trailing}', "there is more behind the end"],
    ['{"outputs":{"a":{"b":1}}}', "found another object"],
  ])("refuses %s", async (json, problem) => {
    const error = await failure(() => decode(json));
    expect(error.kind).toBe("decode");
    expect(error.rawMessage).toContain(problem);
  });

  it("refuses a lone value where the signature has several outputs", async () => {
    const context = withSignature({ a: ["int32", null], b: ["int32", null] });
    expect((await failure(() => decode('{"outputs":[1]}', context))).rawMessage).toBe(
      'reply, byte 11: one output without a name, the signature has "a", "b"',
    );
  });

  it("tells a reply that was cut by a closed connection from one that is wrong", async () => {
    const cut = { body: Buffer.from('{"outputs": [1.0, 2.'), endedByClose: true };
    const error = await failure(() => predict.decode(cut, { model: "m", inputs: {} }, COLUMNAR));
    expect(error).toMatchObject({ code: "UNAVAILABLE", kind: "truncated", retryable: true });
    const whole = await failure(() =>
      predict.decode({ ...cut, endedByClose: false }, { model: "m", inputs: {} }, COLUMNAR),
    );
    expect(whole).toMatchObject({ kind: "decode", retryable: false });
    const wrong = { body: Buffer.from('{"outputs": [1.0, x]}'), endedByClose: true };
    expect((await failure(() => predict.decode(wrong, { model: "m", inputs: {} }, COLUMNAR))).kind).toBe("decode");
  });

  it("reports an error object that came with status 200 in its own words", async () => {
    expect((await failure(() => decode('{"error":"no backend"}'))).rawMessage).toContain("no backend");
  });
});
