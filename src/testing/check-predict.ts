import { isDType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { toTensor } from "../tensor/to-tensor.ts";
import { toServerDType } from "./server-dtype.ts";
import { invalid, ServerError, toServerError } from "./server-error.ts";
import { type LoadedSignature, toRecord } from "./signatures.ts";

/** Tensors of a predict by name; `undefined` stands for one that could not be read. */
export type ReadTensors = ReadonlyMap<string, Tensor | undefined>;

/**
 * Checks the inputs of a predict as the server does, names before dtypes, and fills in defaults. Shapes are left to
 * the model.
 *
 * @see tensorflow/cc/saved_model/util.cc GetInputValues
 */
export function checkInputs(signature: LoadedSignature, inputs: ReadTensors): Readonly<Record<string, Tensor>> {
  const given = inputs.size;
  const declared = signature.inputs.size;
  if (given > declared || (given < declared && signature.defaults.size === 0)) {
    throw invalid(describeWrongCount(signature, inputs));
  }
  const tensors = [...signature.inputs].map(([name, spec]): readonly [string, Tensor] => {
    const tensor = inputs.has(name) ? inputs.get(name) : signature.defaults.get(name);
    if (tensor) return [name, tensor];
    if (inputs.has(name)) throw invalid(`tensor parsing error: ${name}`);
    throw invalid(
      `Signature input alias: ${name}(feed name: ${spec.tensorName}) not found in request and no default value provided. ` +
        `Inputs expected to be in the request {${sortedNames(inputs)}}, or default input alias set: ${sortedNames(signature.defaults)}`,
    );
  });
  const used = [...inputs.keys()].filter((name) => signature.inputs.has(name)).sort();
  if (used.length !== inputs.size) {
    throw invalid(`Inputs contains invalid name. Used request inputs: ${used}, request input: ${sortedNames(inputs)}`);
  }
  checkDTypes(signature, tensors);
  return toRecord(tensors);
}

/** Last of all, because it is the session that refuses these. */
function checkDTypes(signature: LoadedSignature, tensors: readonly (readonly [string, Tensor])[]): void {
  tensors.forEach(([name, { dtype }], index) => {
    const expected = signature.inputs.get(name)?.dtype ?? "";
    if (dtype === expected) return;
    throw invalid(`Expects arg[${index}] to be ${toServerDType(expected)} but ${toServerDType(dtype)} is provided`);
  });
}

function describeWrongCount(signature: LoadedSignature, inputs: ReadTensors): string {
  const extra = [...inputs.keys()].filter((name) => !signature.inputs.has(name)).sort();
  const missing = [...signature.inputs.keys()].filter((name) => !inputs.has(name)).sort();
  return (
    `input size does not match signature: ${inputs.size}!=${signature.inputs.size} ` +
    `len({${sortedNames(inputs)}}) != len({${sortedNames(signature.inputs)}}). ` +
    `Sent extra: {${extra}}. Missing but required: {${missing}}.`
  );
}

function sortedNames(map: ReadonlyMap<string, unknown>): string {
  return [...map.keys()].sort().join(",");
}

/** The outputs wanted, all where the filter is empty. */
export function checkOutputFilter(signature: LoadedSignature, outputFilter: readonly string[]): readonly string[] {
  const seen = new Set<string>();
  for (const name of outputFilter) {
    if (!signature.outputs.has(name)) {
      throw invalid(
        `output tensor alias not found in signature: ${name} Outputs expected to be in the set {${sortedNames(signature.outputs)}}.`,
      );
    }
    if (seen.has(name)) throw invalid(`duplicate output tensor alias: ${name}`);
    seen.add(name);
  }
  return seen.size === 0 ? [...signature.outputs.keys()] : [...seen];
}

/** A model function that does not keep its signature is a mistake in the test's own set-up: the text says where. */
export function checkOutputs(
  signature: LoadedSignature,
  outputs: Readonly<Record<string, TensorInput>>,
  wanted: readonly string[],
): ReadonlyMap<string, Tensor> {
  for (const name of Object.keys(outputs)) {
    if (!signature.outputs.has(name)) {
      throw new ServerError("INTERNAL", `the model returned "${name}", which is not an output of its signature`);
    }
  }
  return new Map(
    wanted.map((name) => {
      const value = Object.hasOwn(outputs, name) ? outputs[name] : undefined;
      const dtype = signature.outputs.get(name)?.dtype;
      if (value === undefined) throw new ServerError("INTERNAL", `the model returned no output "${name}"`);
      if (!isDType(dtype)) throw new ServerError("INTERNAL", `output "${name}": no tensor can hold dtype ${dtype}`);
      try {
        return [name, toTensor(value, `output "${name}"`, { dtype })];
      } catch (thrown) {
        throw new ServerError("INTERNAL", toServerError(thrown).message);
      }
    }),
  );
}
