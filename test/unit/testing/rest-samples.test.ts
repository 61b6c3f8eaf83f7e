import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Example, Feature } from "../../../src/contract/example.ts";
import type { TensorSpec } from "../../../src/contract/signature.ts";
import { FIXED_WIDTH } from "../../../src/tensor/dtype.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { fromEnumName, toEnumName } from "../../../src/testing/server-dtype.ts";
import { toServerError } from "../../../src/testing/server-error.ts";
import { readExamplesRequest } from "../../../src/testing/wire/json-examples.ts";
import { readPredictRequest } from "../../../src/testing/wire/json-predict-request.ts";
import { writePredictResponse } from "../../../src/testing/wire/json-predict-response.ts";
import { writeClassifyResponse, writeErrorBody, writeRegressResponse } from "../../../src/testing/wire/json-results.ts";

interface SampleError {
  readonly code_name: string;
  readonly message: string;
}

interface SampleTensor {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly unknown[];
  readonly count_mismatch?: true;
}

interface Sample {
  readonly id: string;
  readonly kind: string;
  readonly tags: readonly string[];
  readonly signature?: Readonly<Record<string, { dtype: string; shape: readonly number[] | null }>>;
  readonly body?: string;
  readonly body_b64?: string;
  readonly format?: "row" | "columnar";
  readonly outputs?: Readonly<Record<string, SampleTensor>>;
  readonly result?: Readonly<Record<string, unknown>> & { readonly error?: SampleError };
  readonly results?: readonly unknown[];
  readonly error?: SampleError;
  readonly error_alternatives?: readonly SampleError[];
  readonly message?: string;
  readonly key_order?: "any";
}

const samples = readFileSync(new URL("../../fixtures/rest-samples.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);

function ofKind(...kinds: readonly string[]): readonly (readonly [string, Sample])[] {
  return samples
    .filter((sample) => kinds.includes(sample.kind))
    .map((sample) => [`${sample.id} ${sample.tags.join(", ")}`, sample]);
}

function bodyOf(sample: Sample): Buffer {
  return sample.body_b64 === undefined ? Buffer.from(sample.body ?? "") : Buffer.from(sample.body_b64, "base64");
}

/** What was recorded, or the error that was. */
function outcome<T>(read: () => T): T | { readonly error: SampleError } {
  try {
    return read();
  } catch (thrown) {
    const { code, message } = toServerError(thrown);
    return { error: { code_name: code, message } };
  }
}

function pickError(error: SampleError): { readonly error: SampleError } {
  return { error: { code_name: error.code_name, message: error.message } };
}

describe("readPredictRequest", () => {
  it.each(ofKind("predict-request"))("reads %s as the server did", (_, sample) => {
    const specs = new Map<string, TensorSpec>(
      Object.entries(sample.signature ?? {}).map(([name, { dtype, shape }]) => [
        name,
        { dtype: fromEnumName(dtype) ?? dtype, shape, tensorName: "" },
      ]),
    );
    const read = outcome(() => {
      const { format, signatureName, inputs } = readPredictRequest(bodyOf(sample), () => specs);
      const tensors = [...inputs].map(([name, tensor]) => [name, tensor && toSample(tensor)]);
      return { format, signature_name: signatureName, tensors: new Map(tensors as [string, unknown][]) };
    });
    const { error, tensors, ...rest } = sample.result ?? {};
    const recorded = Object.entries((tensors ?? {}) as Record<string, SampleTensor>).map(
      ([name, tensor]) => [name, fromRecorded(tensor)] as const,
    );
    expect(read).toEqual(error ? pickError(error) : { ...rest, tensors: new Map(recorded) });
  });
});

describe("readExamplesRequest", () => {
  it.each(ofKind("classify-request", "regress-request"))("reads %s as the server did", (_, sample) => {
    const read = outcome(() => {
      const { signatureName, context, examples } = readExamplesRequest(bodyOf(sample));
      return {
        signature_name: signatureName,
        context: context === undefined ? null : toRecorded(context),
        examples: examples.map(toRecorded),
      };
    });
    const { error, ...result } = sample.result ?? {};
    // Through entries, because a feature may be called __proto__.
    const expected = error
      ? pickError(error)
      : { ...result, context: entries(result["context"]), examples: (result["examples"] as unknown[]).map(entries) };
    expect(read).toEqual(expected);
  });
});

describe("writePredictResponse", () => {
  it.each(ofKind("predict-response"))("writes %s as the server did", (_, sample) => {
    const outputs = new Map(Object.entries(sample.outputs ?? {}).map(([name, tensor]) => [name, toTensor(tensor)]));
    const written = outcome(() => writePredictResponse(outputs, sample.format ?? "row"));
    if (sample.error) {
      const possible = [sample.error, ...(sample.error_alternatives ?? [])].map(pickError);
      expect(possible).toContainEqual(written);
    } else if (sample.key_order === "any") {
      expect(lines(written as Uint8Array)).toEqual(lines(bodyOf(sample)));
    } else {
      expect(Buffer.from(written as Uint8Array)).toEqual(bodyOf(sample));
    }
  });
});

describe("writeClassifyResponse", () => {
  it.each(ofKind("classify-response"))("writes %s as the server did", (_, sample) => {
    const classes = (sample.results as { label: string; score: number | string }[][]).map((each) =>
      each.map(({ label, score }) => ({ label, score: Number(score) })),
    );
    const written = outcome(() => Buffer.from(writeClassifyResponse(classes)));
    expect(written).toEqual(sample.error ? pickError(sample.error) : bodyOf(sample));
  });
});

describe("writeRegressResponse", () => {
  it.each(ofKind("regress-response"))("writes %s as the server did", (_, sample) => {
    const written = outcome(() => Buffer.from(writeRegressResponse((sample.results ?? []).map(Number))));
    expect(written).toEqual(sample.error ? pickError(sample.error) : bodyOf(sample));
  });
});

describe("writeErrorBody", () => {
  it.each(ofKind("error-body"))("writes %s as the server did", (_, sample) => {
    expect(Buffer.from(writeErrorBody(sample.message ?? ""))).toEqual(bodyOf(sample));
  });
});

/** Bodies with their members in any order: the same lines, commas apart. */
function lines(body: Uint8Array): string[] {
  return Buffer.from(body)
    .toString("latin1")
    .split("\n")
    .map((line) => line.replace(/,$/, ""))
    .sort();
}

function toSample(tensor: Tensor): unknown {
  const values = Array.from<unknown>(tensor.data);
  return {
    dtype: toEnumName(tensor.dtype),
    shape: tensor.shape,
    values: tensor.dtype === "bool" ? values.map(Boolean) : values,
  };
}

function fromRecorded({ dtype, shape, values, count_mismatch }: SampleTensor): unknown {
  const size = shape.reduce((product, length) => product * length, 1);
  // The message carries what the shape does not hold; a tensor does not, and the server drops it too.
  const held = count_mismatch ? values.slice(0, size) : values;
  return { dtype, shape, values: toElements(held, dtype) };
}

function toElements(values: readonly unknown[], dtype: string): unknown[] {
  if (dtype === "DT_STRING") return values.map(toBytes);
  if (dtype === "DT_BOOL") return [...values];
  if (dtype === "DT_INT64" || dtype === "DT_UINT64") return values.map((value) => BigInt(value as string));
  return values.flat().map((value) => Number(value));
}

function toBytes(value: unknown): Uint8Array {
  const { b64 } = value as { b64?: string };
  return new Uint8Array(b64 === undefined ? Buffer.from(value as string) : Buffer.from(b64, "base64"));
}

function toTensor({ dtype, shape, values }: SampleTensor): Tensor {
  const name = fromEnumName(dtype);
  if (name === undefined) throw new Error(`no dtype ${dtype}`);
  const elements = toElements(values, dtype);
  if (name === "string") return new Tensor(name, shape, elements as Uint8Array[]);
  const data = new FIXED_WIDTH[name].array(elements.length);
  elements.forEach((element, index) => {
    data[index] = (typeof element === "boolean" ? Number(element) : element) as never;
  });
  return new Tensor(name, shape, data as never);
}

function toRecorded({ features }: Example): unknown {
  return [...features]
    .map(([name, feature]) => [
      name,
      { kind: feature.kind === "none" ? "none" : `${feature.kind}_list`, values: recordedValues(feature) },
    ])
    .sort(byName);
}

function recordedValues(feature: Feature): unknown[] {
  return feature.kind === "none" ? [] : Array.from<unknown>(feature.values);
}

function entries(features: unknown): unknown {
  if (features === null) return null;
  return Object.entries(features as Record<string, { kind: string; values: unknown[] }>)
    .map(([name, { kind, values }]) => [name, { kind, values: values.map((value) => fromKind(kind, value)) }])
    .sort(byName);
}

function fromKind(kind: string, value: unknown): unknown {
  if (kind === "bytes_list") return toBytes(value);
  return kind === "int64_list" ? BigInt(value as string) : Number(value);
}

function byName(a: unknown[], b: unknown[]): number {
  return String(a[0]) < String(b[0]) ? -1 : 1;
}
