import type { Signature, TensorSpec } from "../contract/signature.ts";
import { type DType, isDType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import { toTensor } from "../tensor/to-tensor.ts";
import type { SignatureDefinition, TensorSpecDefinition } from "./model-definition.ts";

export const DEFAULT_SIGNATURE = "serving_default";
export const PREDICT_METHOD = "tensorflow/serving/predict";
export const CLASSIFY_METHOD = "tensorflow/serving/classify";
export const REGRESS_METHOD = "tensorflow/serving/regress";

/** A signature as a loaded version has it: every name decided, defaults as tensors. */
export interface LoadedSignature {
  readonly methodName: string;
  readonly inputs: ReadonlyMap<string, TensorSpec>;
  readonly outputs: ReadonlyMap<string, TensorSpec>;
  readonly defaults: ReadonlyMap<string, Tensor>;
}

/**
 * Reads the signatures of a definition and fills in what it leaves out.
 *
 * @throws TypeError when a default belongs to no input or to one of a dtype that no tensor can hold
 */
export function loadSignatures(
  definitions: Readonly<Record<string, SignatureDefinition>>,
): ReadonlyMap<string, LoadedSignature> {
  return new Map(Object.entries(definitions).map(([name, definition]) => [name, load(name, definition)]));
}

function load(signatureName: string, definition: SignatureDefinition): LoadedSignature {
  const inputs = Object.entries(definition.inputs);
  const outputs = Object.entries(definition.outputs);
  const takesExamples = isExamplesInput(inputs);
  const methodName = definition.methodName ?? methodByForm(takesExamples, Object.keys(definition.outputs));
  return {
    methodName,
    // One tensor for all signatures that read examples: multi-inference demands it, and exported models have it so.
    inputs: new Map(
      inputs.map(([name, spec]) => [name, fill(spec, takesExamples ? "tf_example:0" : `${signatureName}_${name}:0`)]),
    ),
    outputs: new Map(outputs.map(([name, spec], index) => [name, fill(spec, `StatefulPartitionedCall:${index}`)])),
    defaults: loadDefaults(signatureName, definition),
  };
}

function fill(spec: TensorSpecDefinition, tensorName: string): TensorSpec {
  return { dtype: spec.dtype, shape: spec.shape, tensorName: spec.tensorName ?? tensorName };
}

function isExamplesInput(inputs: readonly (readonly [string, TensorSpecDefinition])[]): boolean {
  return inputs.length === 1 && inputs[0]?.[0] === "inputs" && inputs[0][1].dtype === "string";
}

function methodByForm(takesExamples: boolean, outputs: readonly string[]): string {
  if (!takesExamples) return PREDICT_METHOD;
  if (outputs.every((name) => name === "classes" || name === "scores")) return CLASSIFY_METHOD;
  return outputs.length === 1 && outputs[0] === "outputs" ? REGRESS_METHOD : PREDICT_METHOD;
}

function loadDefaults(signatureName: string, definition: SignatureDefinition): ReadonlyMap<string, Tensor> {
  const { defaults = {} } = definition;
  const names = Array.isArray(defaults) ? (defaults as readonly string[]) : Object.keys(defaults);
  return new Map(
    names.map((name) => {
      const spec = Object.hasOwn(definition.inputs, name) ? definition.inputs[name] : undefined;
      if (spec === undefined || !isDType(spec.dtype)) {
        throw new TypeError(
          `signature "${signatureName}": default "${name}" is not for an input that a tensor can fill`,
        );
      }
      const value = Array.isArray(defaults) ? undefined : (defaults as Readonly<Record<string, TensorInput>>)[name];
      const { dtype } = spec;
      return [name, toTensor(value ?? zeroOf(dtype), `default "${name}"`, { dtype })];
    }),
  );
}

function zeroOf(dtype: DType): TensorInput {
  if (dtype === "string") return "";
  if (dtype === "complex64" || dtype === "complex128") return [0, 0];
  if (dtype === "bool") return false;
  return dtype === "int64" || dtype === "uint64" ? 0n : 0;
}

/** The form that the contract gives it, for `getModelMetadata`. Records without a prototype. */
export function toContractSignature(signature: LoadedSignature): Signature {
  return {
    methodName: signature.methodName,
    inputs: toRecord(signature.inputs),
    outputs: toRecord(signature.outputs),
    ...(signature.defaults.size === 0 ? {} : { defaults: [...signature.defaults.keys()] }),
  };
}

export function toRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}
