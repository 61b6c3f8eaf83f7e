import type { ClassifyRequest } from "../contract/classify.ts";
import type { Example, Feature } from "../contract/example.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { quote } from "../internal/quote.ts";
import { Tensor } from "../tensor/tensor.ts";
import type { CodecContext, RestRequest } from "./codec.ts";
import { JsonWriter } from "./json/json-writer.ts";
import { putNested } from "./json/put-nested.ts";
import { MAX_NUMBER_BYTES } from "./json/put-number.ts";
import { toModelPath } from "./model-spec.ts";
import { putFloat32s, tensorWriter } from "./tensor.ts";

/**
 * The request of classify and of regress: `signature_name`, `context` and `examples`.
 *
 * The server takes a feature's kind from its tokens, so floats always have a point or an exponent (`8.0`, never `8`)
 * and int64 are digits. Bytes go as text where they are valid UTF-8, else as `{"b64": …}`. A feature without values
 * is `[]`, which has no kind.
 *
 * @throws ServingError (INVALID_ARGUMENT) without examples, and for a feature in both the context and an example: the
 * server would merge the two lists
 * @see tensorflow_serving/util/json_tensor.cc MakeExampleFromJsonObject
 */
export function encodeExamples(
  operation: "classify" | "regress",
  request: ClassifyRequest,
  { maxMessageBytes }: CodecContext,
): RestRequest {
  const { examples, context } = request;
  const path = `${toModelPath(request)}:${operation}`;
  if (examples.length === 0) throw invalidArgument(`${operation}: no examples were given, at least one is needed`);
  if (context !== undefined) checkContext(context, examples);
  const writer = new JsonWriter(maxMessageBytes);
  writer.raw("{");
  if (request.signatureName !== undefined) {
    writer.key("signature_name");
    writer.string(request.signatureName);
    writer.raw(",");
  }
  if (context !== undefined) {
    writer.raw('"context":');
    writeExample(writer, context);
    writer.raw(",");
  }
  writer.raw('"examples":[');
  examples.forEach((example, index) => {
    if (index > 0) writer.comma();
    writeExample(writer, example);
  });
  writer.raw("]}");
  return { method: "POST", path, body: writer.take() };
}

function writeExample(writer: JsonWriter, example: Example): void {
  writer.raw("{");
  let first = true;
  for (const [name, feature] of example.features) {
    if (!first) writer.comma();
    first = false;
    writer.key(name);
    writeFeature(writer, name, feature);
  }
  writer.raw("}");
}

function writeFeature(writer: JsonWriter, name: string, feature: Feature): void {
  if (feature.kind === "none") {
    writer.raw("[]");
    return;
  }
  const shape = [feature.values.length];
  switch (feature.kind) {
    case "float":
      putNested(writer, shape, 0, MAX_NUMBER_BYTES, putFloat32s(feature.values, true));
      return;
    case "int64":
      tensorWriter(name, new Tensor("int64", shape, feature.values))(writer, shape, 0);
      return;
    case "bytes":
      tensorWriter(name, new Tensor("string", shape, feature.values))(writer, shape, 0);
  }
}

function checkContext(context: Example, examples: readonly Example[]): void {
  for (const [index, example] of examples.entries()) {
    for (const name of context.features.keys()) {
      if (example.features.has(name)) {
        throw invalidArgument(`feature ${quote(name)} stands in the context and in example ${index}, one is allowed`);
      }
    }
  }
}
