import type { ModelChoice } from "../contract/model-spec.ts";
import type { PredictRequest } from "../contract/predict.ts";
import { invalidArgument } from "../errors/invalid-argument.ts";
import { describeType, describeValue } from "../internal/describe-value.ts";
import { quote } from "../internal/quote.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { toTensor } from "../tensor/to-tensor.ts";
import { checkKeys } from "./check-keys.ts";
import { checkSignatureName, toModelChoice } from "./check-model-choice.ts";

const KEYS = ["model", "version", "versionLabel", "signatureName", "inputs", "outputFilter"];

/** Makes one input a tensor; `subject` is what messages call it. */
export type ToTensor = (value: TensorInput, name: string, subject: string) => Tensor;

/**
 * Checks what `predict` is asked and makes its inputs tensors. Tensors and typed arrays are not copied.
 *
 * @throws ServingError (INVALID_ARGUMENT)
 */
export function toPredictRequest(request: PredictRequest<TensorInput>, convert: ToTensor = byOwnType): PredictRequest {
  checkKeys(request, KEYS, "predict: the request");
  const choice = toModelChoice(request, "predict");
  const signatureName = checkSignatureName(request.signatureName, "predict");
  const outputFilter = checkOutputFilter(request.outputFilter);
  const inputs = toInputs(request.inputs, convert);
  const ready: Ready = { ...choice, inputs };
  // Not spread into it where they are there: that takes a microsecond, and each call comes by here.
  if (signatureName !== undefined) ready.signatureName = signatureName;
  if (outputFilter !== undefined && outputFilter.length > 0) ready.outputFilter = outputFilter;
  return ready;
}

type Ready = ModelChoice & {
  readonly inputs: Readonly<Record<string, Tensor>>;
  signatureName?: string;
  outputFilter?: readonly string[];
};

function byOwnType(value: TensorInput, _name: string, subject: string): Tensor {
  return toTensor(value, subject);
}

function toInputs(inputs: unknown, convert: ToTensor): Record<string, Tensor> {
  if (
    typeof inputs !== "object" ||
    inputs === null ||
    Array.isArray(inputs) ||
    ArrayBuffer.isView(inputs) ||
    isTensorLike(inputs)
  ) {
    throw invalidArgument(
      `predict: inputs must be an object of values by input name, such as { x: [1, 2] }, got ${describeType(inputs)}`,
    );
  }
  const tensors: Record<string, Tensor> = Object.create(null);
  const given = inputs as Readonly<Record<string, TensorInput>>;
  for (const name of Object.keys(given)) {
    tensors[name] = convert(given[name] as TensorInput, name, `input ${quote(name)}`);
  }
  return tensors;
}

/** A lone tensor in place of the inputs; inputs of these two names together are nobody's. */
function isTensorLike(value: object): boolean {
  return "dtype" in value && "data" in value && "shape" in value;
}

function checkOutputFilter(filter: unknown): readonly string[] | undefined {
  if (filter === undefined) return undefined;
  if (!Array.isArray(filter))
    throw invalidArgument(`predict: outputFilter must be an array of output names, got ${describeValue(filter)}`);
  const seen = new Set<string>();
  for (const [index, name] of filter.entries()) {
    if (typeof name !== "string" || name === "")
      throw invalidArgument(`predict: outputFilter[${index}] must be an output's name, got ${describeValue(name)}`);
    if (seen.has(name)) throw invalidArgument(`predict: outputFilter names ${quote(name)} twice`);
    seen.add(name);
  }
  return [...seen];
}
