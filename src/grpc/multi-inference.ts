import type { Classification } from "../contract/classify.ts";
import type { ServedModel } from "../contract/model-spec.ts";
import type { InferenceResult, InferenceTask, MultiInferenceRequest } from "../contract/multi-inference.ts";
import { quote } from "../internal/quote.ts";
import { type Codec, decoding } from "./codec.ts";
import { OutgoingInput } from "./example.ts";
import { ModelSpecFields, OutgoingModelSpec } from "./model-spec.ts";
import { DecodeBudget } from "./wire/decode-limits.ts";
import { checkCount, readClassifications, readRegressions } from "./wire/inference-result.ts";
import { WireFault, within } from "./wire/wire-fault.ts";
import { WireReader } from "./wire/wire-reader.ts";
import { sizeOfField, writeHead, writeText } from "./wire/wire-writer.ts";

/** @see tensorflow_serving/servables/tensorflow/multi_inference.cc */
const METHOD_NAMES = {
  classify: "tensorflow/serving/classify",
  regress: "tensorflow/serving/regress",
} as const;

/** Several questions about the same examples. @see tensorflow_serving/apis/inference.proto */
export const multiInferenceCodec: Codec<"multiInference"> = {
  path: "/tensorflow.serving.PredictionService/MultiInference",
  encode,
  decode: (bytes, request, limits) =>
    decoding("MultiInferenceResponse", () => decode(bytes, request, new DecodeBudget(limits.maxMessageBytes))),
};

function encode(request: MultiInferenceRequest): Buffer {
  const input = new OutgoingInput(request.examples, request.context);
  let length = sizeOfField(input.size);
  const tasks = request.tasks.map(({ signatureName, method }) => {
    // Every task names the model and the version: the server refuses tasks that differ in the model.
    const spec = new OutgoingModelSpec({ ...request, signatureName });
    const methodName = METHOD_NAMES[method];
    const size = sizeOfField(spec.size) + sizeOfField(methodName.length);
    length += sizeOfField(size);
    return { spec, methodName, size };
  });
  const bytes = Buffer.allocUnsafe(length);
  let pos = 0;
  for (const { spec, methodName, size } of tasks) {
    pos = writeHead(bytes, pos, 10, size);
    pos = spec.write(bytes, writeHead(bytes, pos, 10, spec.size));
    pos = writeText(bytes, writeHead(bytes, pos, 18, methodName.length), methodName, methodName.length);
  }
  input.write(bytes, writeHead(bytes, pos, 18, input.size));
  return bytes;
}

function decode(bytes: Buffer, request: MultiInferenceRequest, budget: DecodeBudget) {
  const reader = new WireReader(bytes);
  const { tasks } = request;
  const results: InferenceResult[] = [];
  let modelSpec: ServedModel | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag !== 10) {
      reader.skip(tag, 0b10);
      continue;
    }
    const task = tasks[results.length];
    if (task === undefined) throw new WireFault(`has more than ${tasks.length} results for ${tasks.length} tasks`);
    const outer = reader.enter();
    try {
      const { result, spec } = readResult(reader, task, request.examples.length, budget);
      const { signatureName: _, ...served } = spec.toServedModel(request);
      modelSpec ??= served;
      results.push(result);
    } catch (error) {
      throw within(`results[${results.length}]`, error);
    }
    reader.leave(outer);
  }
  if (results.length !== tasks.length) {
    throw new WireFault(`has ${results.length} results for ${tasks.length} tasks`);
  }
  return { results, modelSpec: modelSpec ?? { name: request.model } };
}

function readResult(reader: WireReader, task: InferenceTask, expected: number, budget: DecodeBudget) {
  const spec = new ModelSpecFields();
  let classes: Classification[][] | undefined;
  let values: number[] | undefined;
  while (reader.pos < reader.end) {
    const tag = reader.tag();
    if (tag === 10) spec.read(reader);
    else if (tag === 18) {
      values = undefined;
      classes ??= [];
      readClassifications(reader, classes, expected, budget);
    } else if (tag === 26) {
      classes = undefined;
      values ??= [];
      readRegressions(reader, values, expected);
    } else reader.skip(tag, 0b1110);
  }
  const { signatureName } = task;
  // The server may answer in another order than it was asked: then a result would land under the wrong name.
  if (spec.signatureName !== "" && signatureName !== "" && spec.signatureName !== signatureName) {
    throw new WireFault(`answers signature ${quote(spec.signatureName)}, asked was ${quote(signatureName)}`);
  }
  const found = classes ?? values;
  if (found === undefined) throw new WireFault("has no result");
  if ((task.method === "classify") !== (classes !== undefined)) {
    throw new WireFault(`is a ${classes === undefined ? "regress" : "classify"} result, asked was ${task.method}`);
  }
  checkCount(found.length, expected);
  const result: InferenceResult =
    classes !== undefined
      ? { method: "classify", signatureName, results: classes }
      : { method: "regress", signatureName, results: values as number[] };
  return { result, spec };
}
