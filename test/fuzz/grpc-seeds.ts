import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { ClassificationResponse } from "#generated/tensorflow_serving/apis/classification.ts";
import { GetModelMetadataResponse, SignatureDefMap } from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { GetModelStatusResponse } from "#generated/tensorflow_serving/apis/get_model_status.ts";
import { MultiInferenceResponse } from "#generated/tensorflow_serving/apis/inference.ts";
import { ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
import { PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import { RegressionResponse } from "#generated/tensorflow_serving/apis/regression.ts";
import type { OperationName } from "../../src/contract/operations.ts";
import { sampleTensors } from "./samples.ts";

const MODEL_SPEC = specOf("serving_default");

/** Replies as the server's own stubs would write them. */
export function grpcSeeds(operation: OperationName): Buffer[] {
  return [...SEEDS[operation]().map((bytes) => Buffer.from(bytes)), Buffer.alloc(0)];
}

const CLASSIFIED = {
  classifications: [
    {
      classes: [
        { label: "cat", score: 0.5 },
        { label: "ünïcode", score: -1 },
      ],
    },
    {},
  ],
};
const REGRESSED = { regressions: [{ value: 0.5 }, { value: Number.NaN }] };

const SEEDS: { readonly [O in OperationName]: () => Uint8Array[] } = {
  predict: () => [
    ...valueLists().map((tensor) => predictReply({ y: tensor })),
    ...sampleTensors().map((tensor) => predictReply({ y: tensor })),
    predictReply({ a: content([2, 2], 16), b: { dtype: DataType.DT_BOOL, tensorShape: shape([3]), boolVal: [true] } }),
  ],
  classify: () => [encode(ClassificationResponse, { result: CLASSIFIED, modelSpec: MODEL_SPEC })],
  regress: () => [encode(RegressionResponse, { result: REGRESSED, modelSpec: MODEL_SPEC })],
  multiInference: () => [
    encode(MultiInferenceResponse, {
      results: [
        { modelSpec: specOf("c"), result: { $case: "classificationResult", value: CLASSIFIED } },
        { modelSpec: specOf("r"), result: { $case: "regressionResult", value: REGRESSED } },
      ],
    }),
  ],
  getModelStatus: () => [
    encode(GetModelStatusResponse, {
      modelVersionStatus: [
        { version: 1n, state: 30, status: { errorCode: 0, errorMessage: "" } },
        { version: 2n ** 62n, state: 50, status: { errorCode: 8, errorMessage: "no room" } },
      ],
    }),
  ],
  getModelMetadata: () => [metadataReply()],
  reloadConfig: () => [
    encode(ReloadConfigResponse, { status: { errorCode: 0, errorMessage: "" } }),
    encode(ReloadConfigResponse, { status: { errorCode: 3, errorMessage: "a line\nand another" } }),
  ],
};

function specOf(signatureName: string): object {
  return { name: "m", versionChoice: { $case: "version", value: 7n }, signatureName };
}

/** Each value list of a TensorProto once, with values of every length on the wire. */
function valueLists(): object[] {
  const one = (dtype: number, dims: readonly number[], list: object) => ({ dtype, tensorShape: shape(dims), ...list });
  return [
    one(DataType.DT_FLOAT, [2, 3], { floatVal: [0.1, -1, Number.NaN, Infinity, 1e-45, 3e38] }),
    one(DataType.DT_DOUBLE, [3], { doubleVal: [0.1, -0, 1e300] }),
    one(DataType.DT_INT32, [4], { intVal: [0, -1, 300, 2 ** 31 - 1] }),
    one(DataType.DT_INT8, [2], { intVal: [-128, 127] }),
    one(DataType.DT_UINT16, [2], { intVal: [0, 65535] }),
    one(DataType.DT_HALF, [3], { halfVal: [0x3c00, 0x7e00, 0xfc00] }),
    one(DataType.DT_BFLOAT16, [1], { halfVal: [0x3f80] }),
    one(DataType.DT_INT64, [4], { int64Val: [0n, -1n, 2n ** 40n, -(2n ** 63n)] }),
    one(DataType.DT_UINT32, [2], { uint32Val: [1, 2 ** 32 - 1] }),
    one(DataType.DT_UINT64, [2], { uint64Val: [1n, 2n ** 64n - 1n] }),
    one(DataType.DT_BOOL, [5], { boolVal: [true, false, true, true, false] }),
    one(DataType.DT_STRING, [2, 2], {
      stringVal: ["", "a", "日本語", "x".repeat(200)].map((text) => Buffer.from(text)),
    }),
    one(DataType.DT_COMPLEX64, [2], { scomplexVal: [1, 2, 3, 4] }),
    one(DataType.DT_COMPLEX128, [1], { dcomplexVal: [1, 2] }),
    // The last value stands for the rest.
    one(DataType.DT_FLOAT, [100], { floatVal: [7] }),
    one(DataType.DT_STRING, [100], { stringVal: [Buffer.from("seven")] }),
    one(DataType.DT_INT64, [], { int64Val: [5n] }),
  ];
}

function content(dims: readonly number[], bytes: number): object {
  return { dtype: DataType.DT_FLOAT, tensorShape: shape(dims), tensorContent: Buffer.alloc(bytes, 1) };
}

function shape(dims: readonly number[]): object {
  return { dim: dims.map((size) => ({ size: BigInt(size), name: "" })), unknownRank: false };
}

function predictReply(outputs: Readonly<Record<string, object>>): Uint8Array {
  return encode(PredictResponse, { modelSpec: MODEL_SPEC, outputs: new Map(Object.entries(outputs)) });
}

function metadataReply(): Uint8Array {
  const info = (name: string, dims: readonly number[]) => ({
    encoding: { $case: "name", value: name },
    dtype: DataType.DT_FLOAT,
    tensorShape: shape(dims),
  });
  const signature = {
    inputs: new Map([["x", info("x:0", [-1, 3])]]),
    outputs: new Map([["y", info("y:0", [-1])]]),
    methodName: "tensorflow/serving/predict",
  };
  const map = encode(SignatureDefMap, { signatureDef: new Map([["serving_default", signature]]) });
  const any = { typeUrl: "type.googleapis.com/tensorflow.serving.SignatureDefMap", value: Buffer.from(map) };
  return encode(GetModelMetadataResponse, { modelSpec: MODEL_SPEC, metadata: new Map([["signature_def", any]]) });
}

interface MessageType<T> {
  fromPartial(partial: never): T;
  encode(message: T): { finish(): Uint8Array };
}

function encode<T>(type: MessageType<T>, partial: object): Uint8Array {
  return type.encode(type.fromPartial(partial as never)).finish();
}
