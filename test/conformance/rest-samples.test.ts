import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Example, Feature } from "../../src/contract/example.ts";
import type { Signature, TensorSpec } from "../../src/contract/signature.ts";
import { classify } from "../../src/rest/classify.ts";
import type { CodecContext } from "../../src/rest/codec.ts";
import { fromReply } from "../../src/rest/error.ts";
import { predict } from "../../src/rest/predict.ts";
import { regress } from "../../src/rest/regress.ts";
import { type DType, FIXED_WIDTH, type FixedWidthDType } from "../../src/tensor/dtype.ts";
import { Tensor } from "../../src/tensor/tensor.ts";
import { parseServerJson, type ServerJson } from "./server-json.ts";

/*
 * What the server's own JSON code read and wrote, recorded: test/fixtures/rest-samples.md. Each reply must decode to
 * the recorded tensors; each request that the server took must be one that the client can write, and what the client
 * writes must mean the recorded tensors by the server's rules.
 */

interface SampleTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly SampleValue[];
  readonly count_mismatch?: boolean;
}
type SampleValue = number | string | boolean | { readonly b64: string } | readonly number[];
type SampleExample = Readonly<Record<string, { readonly kind: string; readonly values: readonly SampleValue[] }>>;

interface Sample {
  readonly id: string;
  readonly kind: string;
  readonly body?: string;
  readonly body_b64?: string;
  readonly format?: "row" | "columnar";
  readonly signature?: Readonly<Record<string, { readonly dtype: string; readonly shape: readonly number[] | null }>>;
  readonly outputs?: Readonly<Record<string, SampleTensor>>;
  readonly results?: readonly (SampleValue | readonly { readonly label: string; readonly score: SampleValue }[])[];
  readonly error?: { readonly code_name: string; readonly http_status: number; readonly message: string };
  readonly message?: string;
  readonly result?: {
    readonly error?: { readonly message: string };
    readonly format?: "row" | "columnar";
    readonly signature_name?: string;
    readonly tensors?: Readonly<Record<string, SampleTensor>>;
    readonly context?: SampleExample | null;
    readonly examples?: readonly SampleExample[];
  };
}

/** Recordings that the client cannot or must not express, and why. */
const NOT_EXPRESSIBLE: Readonly<Record<string, string>> = {
  "sample-002": "a name given twice in a row object: the server made a tensor with more values than its shape holds",
  "sample-018": "a name given twice in a row object: the server made a tensor with more values than its shape holds",
};

const DTYPES: Readonly<Record<string, DType>> = {
  DT_FLOAT: "float32",
  DT_DOUBLE: "float64",
  DT_INT32: "int32",
  DT_UINT8: "uint8",
  DT_INT16: "int16",
  DT_INT8: "int8",
  DT_STRING: "string",
  DT_COMPLEX64: "complex64",
  DT_INT64: "int64",
  DT_BOOL: "bool",
  DT_BFLOAT16: "bfloat16",
  DT_UINT16: "uint16",
  DT_COMPLEX128: "complex128",
  DT_HALF: "float16",
  DT_UINT32: "uint32",
  DT_UINT64: "uint64",
};

const samples = readFileSync(new URL("../fixtures/rest-samples.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);

const MODEL = { model: "m" };
const LIMIT = 64 << 20;

describe("REST replies as the server writes them", () => {
  const replies = samples.filter((sample) => sample.kind === "predict-response" && bodyOf(sample) !== undefined);
  it.each(replies)("decodes $id to the recorded tensors", (sample) => {
    const outputs = toTensors(sample.outputs!);
    const signature = signatureOf(sample.outputs!);
    const decoded = predict.decode(
      reply(bodyOf(sample)!),
      { ...MODEL, inputs: {} },
      context(sample.format!, signature),
    );
    expect(Object.keys(decoded.outputs).sort()).toEqual(Object.keys(outputs).sort());
    for (const [name, tensor] of Object.entries(outputs)) expectSame(decoded.outputs[name]!, tensor);
  });

  it.each(samples.filter((sample) => sample.kind === "classify-response" && sample.body !== undefined))(
    "decodes $id to the recorded classes",
    (sample) => {
      const { results } = classify.decode(reply(bodyOf(sample)!), { ...MODEL, examples: [] }, context("columnar"));
      const recorded = sample.results as readonly (readonly { label: string; score: SampleValue }[])[];
      expect(results).toEqual(
        recorded.map((classes) => classes.map(({ label, score }) => ({ label, score: toNumber(score) }))),
      );
    },
  );

  it.each(samples.filter((sample) => sample.kind === "regress-response" && sample.body !== undefined))(
    "decodes $id to the recorded values",
    (sample) => {
      const { results } = regress.decode(reply(bodyOf(sample)!), { ...MODEL, examples: [] }, context("columnar"));
      expect(results).toEqual((sample.results as readonly SampleValue[]).map(toNumber));
    },
  );

  it.each(samples.filter((sample) => sample.kind === "error-body"))("keeps the words of $id", (sample) => {
    const error = fromReply({ status: 400, headers: {}, body: bodyOf(sample)!, requestPath: "/v1/models/m:predict" });
    expect(error.rawMessage).toBe(sample.message);
    expect(error.code).toBe("INVALID_ARGUMENT");
  });
});

describe("REST requests as the server reads them", () => {
  const taken = samples.filter((sample) => sample.kind.endsWith("-request") && sample.result!.error === undefined);
  const predicts = taken.filter((sample) => sample.kind === "predict-request" && !(sample.id in NOT_EXPRESSIBLE));

  it.each(predicts)("writes the tensors of $id in a form that means them", (sample) => {
    const { format, signature_name: signatureName, tensors } = sample.result!;
    const inputs = toTensors(tensors!);
    const request = { ...MODEL, inputs, ...(signatureName ? { signatureName } : {}) };
    const { body, path } = predict.encode(request, context(format!));
    expect(path).toBe("/models/m:predict");
    const document = parseServerJson(body!) as Record<string, ServerJson>;
    expect(document["signature_name"]).toBe(signatureName || undefined);
    const names = Object.keys(inputs);
    for (const name of names) {
      const value =
        format === "row"
          ? (document["instances"] as ServerJson[]).map((row) => member(row, name, names))
          : member(document["inputs"]!, name, names);
      expectSame(readByDtype(value, inputs[name]!.dtype), inputs[name]!);
    }
  });

  it.each(taken.filter((sample) => !sample.kind.startsWith("predict")))("writes the examples of $id", (sample) => {
    const { context: shared, examples, signature_name: signatureName } = sample.result!;
    const codec = sample.kind === "classify-request" ? classify : regress;
    const request = {
      ...MODEL,
      examples: examples!.map(toExample),
      ...(shared ? { context: toExample(shared) } : {}),
      ...(signatureName ? { signatureName } : {}),
    };
    const document = parseServerJson(codec.encode(request, context("columnar")).body!) as Record<string, ServerJson>;
    expect(document["signature_name"]).toBe(signatureName || undefined);
    expect((document["examples"] as ServerJson[]).map(readExample)).toEqual(examples!.map(toExample).map(plain));
    if (shared) expect(readExample(document["context"]!)).toEqual(plain(toExample(shared)));
  });

  it("lists only exceptions that exist", () => {
    for (const id of Object.keys(NOT_EXPRESSIBLE)) expect(taken.map((sample) => sample.id)).toContain(id);
  });
});

function bodyOf(sample: Sample): Buffer | undefined {
  if (sample.body !== undefined) return Buffer.from(sample.body);
  return sample.body_b64 === undefined ? undefined : Buffer.from(sample.body_b64, "base64");
}

function reply(body: Buffer) {
  return { body, endedByClose: false };
}

function context(format: "row" | "columnar", signature?: Signature): CodecContext {
  return { format, signature, maxMessageBytes: LIMIT };
}

function signatureOf(outputs: Readonly<Record<string, SampleTensor>>): Signature {
  const specs: Record<string, TensorSpec> = Object.create(null);
  for (const [name, { dtype, shape }] of Object.entries(outputs)) {
    specs[name] = {
      dtype: DTYPES[dtype]!,
      shape: shape.map((length, axis) => (axis === 0 ? -1 : length)),
      tensorName: "",
    };
  }
  return { methodName: "", inputs: {}, outputs: specs };
}

function toTensors(samples: Readonly<Record<string, SampleTensor>>): Record<string, Tensor> {
  const tensors: Record<string, Tensor> = Object.create(null);
  for (const [name, sample] of Object.entries(samples)) tensors[name] = toTensor(sample);
  return tensors;
}

function toTensor({ dtype: serverName, shape, values }: SampleTensor): Tensor {
  const dtype = DTYPES[serverName]!;
  if (dtype === "string") return new Tensor(dtype, shape, values.map(toBytes));
  const array = new FIXED_WIDTH[dtype as FixedWidthDType].array(values.length);
  const wide = dtype === "int64" || dtype === "uint64";
  values.forEach((value, index) => {
    array[index] = (wide ? BigInt(value as number) : toNumber(value)) as never;
  });
  return new Tensor(dtype, shape, array as never);
}

function toBytes(value: SampleValue): Uint8Array {
  return typeof value === "string"
    ? new TextEncoder().encode(value)
    : new Uint8Array(Buffer.from((value as { b64: string }).b64, "base64"));
}

function toNumber(value: SampleValue): number {
  return value === "-0" ? -0 : Number(value);
}

function toExample(sample: SampleExample): Example {
  const features = new Map<string, Feature>();
  for (const [name, { kind, values }] of Object.entries(sample)) features.set(name, toFeature(kind, values));
  return { features };
}

function toFeature(kind: string, values: readonly SampleValue[]): Feature {
  if (kind === "float_list") return { kind: "float", values: Float32Array.from(values.map(toNumber)) };
  if (kind === "int64_list") {
    return { kind: "int64", values: BigInt64Array.from(values.map((value) => BigInt(value as number))) };
  }
  if (kind === "bytes_list") return { kind: "bytes", values: values.map(toBytes) };
  return { kind: "none" };
}

function expectSame(actual: Tensor, expected: Tensor): void {
  expect(actual.dtype).toBe(expected.dtype);
  expect(actual.shape).toEqual(expected.shape);
  expect(actual.data).toEqual(expected.data);
}

/** What lies under a name; a lone input called b64 goes without its name. */
function member(value: ServerJson, name: string, names: readonly string[]): ServerJson {
  if (names.length === 1 && name === "b64") return value;
  return (value as Record<string, ServerJson>)[name]!;
}

/** The server's rules of reading a nested value for a dtype: test/fixtures/rest-samples.md, "Requests". */
function readByDtype(value: ServerJson, dtype: DType): Tensor {
  const shape: number[] = [];
  for (let list = value; Array.isArray(list); list = list[0]!) shape.push(list.length);
  const flat = (Array.isArray(value) ? value.flat(Number.POSITIVE_INFINITY) : [value]) as ServerJson[];
  if (dtype === "string") return new Tensor(dtype, shape, flat.map(readBytes));
  const array = new FIXED_WIDTH[dtype as FixedWidthDType].array(flat.length);
  flat.forEach((element, index) => {
    array[index] = readNumberToken(element, dtype) as never;
  });
  return new Tensor(dtype, shape, array as never);
}

function readBytes(element: ServerJson): Uint8Array {
  if (element instanceof Uint8Array) return element;
  const { b64 } = element as { b64: Uint8Array };
  expect(Object.keys(element as object)).toEqual(["b64"]);
  return new Uint8Array(Buffer.from(Buffer.from(b64).toString("latin1"), "base64"));
}

function readNumberToken(element: ServerJson, dtype: DType): number | bigint {
  if (dtype === "bool") {
    expect(typeof element).toBe("boolean");
    return element === true ? 1 : 0;
  }
  const { token } = element as { token: string };
  if (dtype === "float32" || dtype === "float64") return Number(token);
  expect(token).toMatch(/^-?[0-9]+$/);
  return dtype === "int64" || dtype === "uint64" ? BigInt(token) : Number(token);
}

/** A feature's kind follows its tokens: integers int64, others float, strings bytes. */
function readExample(value: ServerJson): Record<string, unknown> {
  const features: Record<string, unknown> = Object.create(null);
  for (const [name, list] of Object.entries(value as Record<string, ServerJson[]>)) {
    const [first] = list;
    if (first === undefined) features[name] = [];
    else if (first instanceof Uint8Array || !("token" in (first as object))) features[name] = list.map(readBytes);
    else if (/^-?[0-9]+$/.test((first as { token: string }).token)) {
      features[name] = list.map((element) => BigInt((element as { token: string }).token));
    } else features[name] = list.map((element) => Math.fround(Number((element as { token: string }).token)));
  }
  return features;
}

function plain({ features }: Example): Record<string, unknown> {
  const values: Record<string, unknown> = Object.create(null);
  for (const [name, feature] of features) values[name] = feature.kind === "none" ? [] : [...feature.values];
  return values;
}
