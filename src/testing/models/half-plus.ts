import type { Example } from "../../contract/example.ts";
import { invalidArgument } from "../../errors/invalid-argument.ts";
import { unsupported } from "../../errors/unsupported.ts";
import { Tensor } from "../../tensor/tensor.ts";
import type { ModelDefinition, SignatureDefinition, VersionDefinition } from "../model-definition.ts";
import { CLASSIFY_METHOD, PREDICT_METHOD, REGRESS_METHOD } from "../signatures.ts";

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
    predict({ x }, { signatureName }) {
      if (x === undefined) throw unsupported(`signature "${signatureName}" is served by classify and regress alone`);
      return { y: new Tensor("float32", x.shape, Float32Array.from(x.data as Float32Array, halve)) };
    },
    regress: (examples) => examples.map((example) => halve(readX(example))),
    classify: (examples) => examples.map((example) => [{ label: "", score: halve(readX(example)) }]),
  };
  return { versions: { 1: version } };
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
