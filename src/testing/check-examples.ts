import type { RequestedModel } from "./requested-model.ts";
import type { ServedVersion } from "./served-version.ts";
import { invalid, ServerError } from "./server-error.ts";
import { CLASSIFY_METHOD, DEFAULT_SIGNATURE, type LoadedSignature, REGRESS_METHOD } from "./signatures.ts";

/** One task of a multi-inference, method as the request writes it. */
export interface RequestedTask {
  readonly model: RequestedModel;
  readonly methodName: string;
}

/** The signature that a classify or regress names. */
export function findForExamples(version: ServedVersion, signatureName: string): LoadedSignature {
  const signature = version.signatures.get(signatureName);
  if (signature === undefined) throw invalid(`No signature was found with the name: ${signatureName}`);
  return signature;
}

/** @see tensorflow_serving/servables/tensorflow/classifier.cc PreProcessClassification */
export function checkClassifySignature({ inputs, outputs }: LoadedSignature): void {
  if (inputs.size !== 1) throw invalid("Expected one input Tensor.");
  if (outputs.size !== 1 && outputs.size !== 2) {
    throw invalid(`Expected one or two output Tensors, found ${outputs.size}`);
  }
  if (!inputs.has("inputs")) throw invalid("No classification inputs found in SignatureDef");
  if (!outputs.has("classes") && !outputs.has("scores")) {
    throw invalid('Expected classification signature outputs to contain at least one of "classes" or "scores".');
  }
}

/** @see tensorflow_serving/servables/tensorflow/regressor.cc PreProcessRegression */
export function checkRegressSignature({ inputs, outputs }: LoadedSignature): void {
  if (inputs.size !== 1) throw invalid("Expected one input Tensor.");
  if (outputs.size !== 1) throw invalid("Expected one output Tensor.");
  if (!inputs.has("inputs")) throw invalid("No regression inputs found in SignatureDef");
  if (!outputs.has("outputs")) throw invalid("No regression outputs found in SignatureDef");
}

/** @see tensorflow_serving/servables/tensorflow/multi_inference.cc */
export function checkTasks(version: ServedVersion, tasks: readonly RequestedTask[]): void {
  const seen = new Set<string>();
  let modelName = "";
  let inputTensor = "";
  for (const { model, methodName } of tasks) {
    if (model.name === "") throw invalid("Found ModelSpec with an empty model name.");
    modelName ||= model.name;
    if (model.name !== modelName) {
      throw invalid("All ModelSpecs in a MultiInferenceRequest must access the same model name.");
    }
    const signatureName = model.signatureName || DEFAULT_SIGNATURE;
    if (seen.has(signatureName)) throw invalid(`Duplicate evaluation of signature: ${signatureName}`);
    seen.add(signatureName);
    const signature = version.signatures.get(signatureName);
    if (signature === undefined) throw invalid(`Requested signature not found in model graph: ${signatureName}`);
    if (methodName === CLASSIFY_METHOD) checkClassifySignature(signature);
    else if (methodName === REGRESS_METHOD) checkRegressSignature(signature);
    else throw new ServerError("UNIMPLEMENTED", `Unsupported signature method_name: ${methodName}`);
    const tensorName = signature.inputs.get("inputs")?.tensorName ?? "";
    inputTensor ||= tensorName;
    if (tensorName !== inputTensor) throw invalid("Input tensor must be the same for all Signatures.");
  }
}
