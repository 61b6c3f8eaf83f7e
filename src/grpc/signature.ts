import type { SignatureDef, TensorInfo } from "#generated/tensorflow/core/protobuf/meta_graph.ts";
import type { Signature, TensorSpec } from "../contract/signature.ts";
import { quote } from "../internal/quote.ts";
import { dtypeName } from "./tensor.ts";
import { WireFault, within } from "./wire/wire-fault.ts";

/** A signature as the server describes it. @see tensorflow/core/protobuf/meta_graph.proto SignatureDef */
export function toSignature(definition: SignatureDef): Signature {
  const defaults = [...definition.defaults.keys()];
  return {
    methodName: definition.methodName,
    inputs: toSpecs("inputs", definition.inputs),
    outputs: toSpecs("outputs", definition.outputs),
    ...(defaults.length === 0 ? {} : { defaults }),
  };
}

function toSpecs(side: "inputs" | "outputs", infos: ReadonlyMap<string, TensorInfo>): Record<string, TensorSpec> {
  const specs: Record<string, TensorSpec> = Object.create(null);
  for (const [name, info] of infos) {
    try {
      specs[name] = toTensorSpec(info);
    } catch (error) {
      throw within(`${side}[${quote(name)}]`, error);
    }
  }
  return specs;
}

/** `shape` is null for an unknown rank, and for the sparse and composite kinds, which have none of their own. */
function toTensorSpec(info: TensorInfo): TensorSpec {
  const { tensorShape, encoding } = info;
  const shape =
    tensorShape === undefined || tensorShape.unknownRank
      ? null
      : tensorShape.dim.map(({ size }, axis) => toLength(size, axis));
  return {
    dtype: dtypeName(info.dtype),
    shape,
    tensorName: encoding?.$case === "name" ? encoding.value : "",
  };
}

function toLength(size: bigint, axis: number): number {
  if (size < -1n || size > Number.MAX_SAFE_INTEGER) {
    throw within(`tensor_shape.dim[${axis}]`, new WireFault(`${size} is no length`));
  }
  return Number(size);
}
