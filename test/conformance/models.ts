import { DTYPES, type DType } from "../../src/tensor/dtype.ts";
import type { Tensor } from "../../src/tensor/tensor.ts";
import type { ModelDefinition, SignatureDefinition } from "../../src/testing/model-definition.ts";

function spec(dtype: string, shape: readonly number[] | null) {
  return { dtype, shape };
}

const identity = (dtype: DType): SignatureDefinition => ({
  inputs: { x: spec(dtype, null) },
  outputs: { y: spec(dtype, null) },
});

/** The name of the signature that gives back what it got, one a dtype. */
export const echoSignature = (dtype: DType) => `echo_${dtype}`;

const signatures: Readonly<Record<string, SignatureDefinition>> = {
  ...Object.fromEntries(DTYPES.map((dtype) => [echoSignature(dtype), identity(dtype)])),
  serving_default: { inputs: { x: spec("float32", [-1]) }, outputs: { y: spec("float32", [-1]) } },
  // Outputs whose names end in _bytes come back as base64 over REST, others as text.
  echo_bytes: { inputs: { x_bytes: spec("string", [-1]) }, outputs: { y_bytes: spec("string", [-1]) } },
  two: {
    inputs: { a: spec("float32", [-1, 2]), b: spec("int64", [-1]) },
    outputs: { sum: spec("float32", [-1]), twice: spec("int64", [-1]), text: spec("string", [-1]) },
  },
  image: { inputs: { pixels: spec("float32", [-1, 2, 3]) }, outputs: { total: spec("float32", [-1]) } },
  label_it: {
    methodName: "tensorflow/serving/classify",
    inputs: { inputs: spec("string", [-1]) },
    outputs: { classes: spec("string", [-1, -1]), scores: spec("float32", [-1, -1]) },
  },
  score_it: {
    methodName: "tensorflow/serving/regress",
    inputs: { inputs: spec("string", [-1]) },
    outputs: { outputs: spec("float32", [-1]) },
  },
};

type Inputs = Readonly<Record<string, Tensor>>;

function predict(inputs: Inputs, { signatureName }: { readonly signatureName: string }) {
  switch (signatureName) {
    case "two": {
      const a = inputs["a"]!.data as Float32Array;
      const b = inputs["b"]!.data as BigInt64Array;
      const rows = Array.from(b);
      return {
        sum: rows.map((_, row) => a[2 * row]! + a[2 * row + 1]!),
        twice: rows.map((value) => 2n * value),
        text: rows.map((value) => `row ${value}`),
      };
    }
    case "image": {
      const { data, shape } = inputs["pixels"] as Tensor<"float32">;
      return {
        total: Array.from({ length: shape[0]! }, (_, row) =>
          data.subarray(6 * row, 6 * row + 6).reduce((s, v) => s + v, 0),
        ),
      };
    }
    case "echo_bytes":
      return { y_bytes: inputs["x_bytes"]! };
    case "serving_default":
      return { y: Array.from(inputs["x"]!.data as Float32Array, (value) => value / 2 + 2) };
    default:
      return { y: inputs["x"]! };
  }
}

/** The one model that every wire of this suite serves: versions 1 and 2, the labels `stable` and `canary`. */
export function conformanceModel(): ModelDefinition {
  const version = (number: number) => ({
    signatures,
    predict,
    classify: (examples: readonly { readonly features: ReadonlyMap<string, unknown> }[]) =>
      examples.map((example) => [
        { label: `features: ${[...example.features.keys()].sort().join(",")}`, score: 0.5 },
        { label: `version ${number}`, score: 0.25 },
      ]),
    regress: (examples: readonly { readonly features: ReadonlyMap<string, { readonly kind: string }> }[]) =>
      examples.map((example) => example.features.size + number / 8),
  });
  return {
    versions: { 1: version(1), 2: version(2) },
    versionPolicy: "all",
    labels: { stable: 1, canary: 2 },
  } as ModelDefinition;
}
