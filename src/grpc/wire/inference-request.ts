import type { Example } from "../../contract/example.ts";
import type { SignatureChoice } from "../../contract/model-spec.ts";
import { OutgoingInput } from "../example.ts";
import { OutgoingModelSpec } from "../model-spec.ts";
import { type OutgoingMessage, sizeOfField, writeHead } from "./wire-writer.ts";

/**
 * ClassificationRequest and RegressionRequest, which are alike: a model and the examples to ask it about.
 *
 * @see tensorflow_serving/apis/classification.proto, regression.proto
 */
export function encodeExamples(
  request: SignatureChoice & { readonly examples: readonly Example[]; readonly context?: Example | undefined },
): OutgoingMessage {
  const spec = new OutgoingModelSpec(request);
  const input = new OutgoingInput(request.examples, request.context);
  const bytes = Buffer.allocUnsafe(sizeOfField(spec.size) + sizeOfField(input.size));
  const pos = spec.write(bytes, writeHead(bytes, 0, 10, spec.size));
  input.write(bytes, writeHead(bytes, pos, 18, input.size));
  return bytes;
}
