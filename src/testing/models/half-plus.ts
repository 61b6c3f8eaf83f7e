import { Example as ExampleMessage } from "#generated/tensorflow/core/example/example.ts";
import type { Example } from "../../contract/example.ts";
import { invalidArgument } from "../../errors/invalid-argument.ts";
import { Tensor } from "../../tensor/tensor.ts";
import type { ModelDefinition, SignatureDefinition, VersionDefinition } from "../model-definition.ts";
import { CLASSIFY_METHOD, PREDICT_METHOD, REGRESS_METHOD } from "../signatures.ts";
import { readExample } from "../wire/grpc-messages.ts";

const SIGNATURES: Readonly<Record<string, SignatureDefinition>> = {
  serving_default: {
    methodName: PREDICT_METHOD,
    inputs: { x: { dtype: "float32", shape: [-1], tensorName: "x:0" } },
    outputs: { y: { dtype: "float32", shape: [-1], tensorName: "y:0" } },
  },
  regress_x_to_y: {
    methodName: REGRESS_METHOD,
    inputs: { inputs: { dtype: "string", shape: null, tensorName: "tf_example:0" } },
    outputs: { outputs: { dtype: "float32", shape: [-1, 1], tensorName: "y:0" } },
  },
  classify_x_to_y: {
    methodName: CLASSIFY_METHOD,
    inputs: { inputs: { dtype: "string", shape: null, tensorName: "tf_example:0" } },
    outputs: { scores: { dtype: "float32", shape: [-1, 1], tensorName: "y:0" } },
  },
};

/** A model with one version, 1, that halves and adds. */
export function halfPlus(addend: number): ModelDefinition {
  const halve = (x: number): number => Math.fround(Math.fround(x / 2) + addend);
  const version: VersionDefinition = {
    signatures: SIGNATURES,
    predict({ x, inputs }, { signatureName }) {
      if (x) return { y: new Tensor("float32", x.shape, Float32Array.from(x.data as Float32Array, halve)) };
      // The other two signatures parse serialized examples in the graph, so that predict can ask them as well.
      const serialized = (inputs as Tensor).data as readonly Uint8Array[];
      const y = serialized.map((bytes) => [halve(readX(parse(bytes)))]);
      return signatureName === "regress_x_to_y" ? { outputs: y } : { scores: y };
    },
    regress: (examples) => examples.map((example) => halve(readX(example))),
    classify: (examples) => examples.map((example) => [{ label: "", score: halve(readX(example)) }]),
  };
  return { versions: { 1: version } };
}

function parse(bytes: Uint8Array): Example {
  try {
    return readExample(ExampleMessage.decode(bytes));
  } catch {
    throw invalidArgument("Could not parse example input, value: ''");
  }
}

/** What the graph's parser does: the feature has to be there, as one float. */
function readX({ features }: Example): number {
  const x = features.get("x");
  if (x === undefined)
    throw invalidArgument("Name: <unknown>, Feature: x (data type: float) is required but could not be found.");
  if (x.kind !== "float") {
    throw invalidArgument("Name: <unknown>, Feature: x.  Data types don't match. Expected type: float");
  }
  if (x.values.length !== 1) {
    throw invalidArgument(
      `Name: <unknown>, Key: x.  Number of float values != expected.  values size: ${x.values.length} but output shape: [1]`,
    );
  }
  return x.values[0] as number;
}
