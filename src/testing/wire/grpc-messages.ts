import { Any } from "#generated/google/protobuf/any.ts";
import type { Example as ExampleMessage } from "#generated/tensorflow/core/example/example.ts";
import type { Feature as FeatureMessage } from "#generated/tensorflow/core/example/feature.ts";
import type { SignatureDef, TensorInfo } from "#generated/tensorflow/core/protobuf/meta_graph.ts";
import type { ClassificationResult } from "#generated/tensorflow_serving/apis/classification.ts";
import {
  type GetModelMetadataResponse,
  SignatureDefMap,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import {
  type GetModelStatusResponse,
  ModelVersionStatus_State,
} from "#generated/tensorflow_serving/apis/get_model_status.ts";
import type { Input } from "#generated/tensorflow_serving/apis/input.ts";
import type { ModelSpec } from "#generated/tensorflow_serving/apis/model.ts";
import type { RegressionResult } from "#generated/tensorflow_serving/apis/regression.ts";
import { type ModelConfig, ModelType } from "#generated/tensorflow_serving/config/model_server_config.ts";
import type { Classification } from "../../contract/classify.ts";
import type { Example, Feature } from "../../contract/example.ts";
import type { VersionPolicy } from "../../contract/reload-config.ts";
import type { TensorSpec } from "../../contract/signature.ts";
import { CODE_NUMBERS } from "../../errors/code.ts";
import type { ConfiguredModel } from "../configured-model.ts";
import { withContext } from "../examples.ts";
import type { AnsweredBy, RequestedModel } from "../requested-model.ts";
import type { ServedVersion } from "../served-version.ts";
import { invalid } from "../server-error.ts";
import type { KnownVersion } from "../serving-core.ts";
import type { LoadedSignature } from "../signatures.ts";
import { toDataType, writeTensorProto } from "./tensor-proto.ts";

/** @throws ServerError (INVALID_ARGUMENT) when the request has no model_spec */
export function readModelSpec(spec: ModelSpec | undefined): RequestedModel {
  if (spec === undefined) throw invalid("Missing ModelSpec");
  const { name, signatureName, versionChoice } = spec;
  return {
    name,
    signatureName,
    version: versionChoice?.$case === "version" ? (versionChoice.value ?? 0n) : undefined,
    versionLabel: versionChoice?.$case === "versionLabel" ? versionChoice.value : undefined,
  };
}

export function writeModelSpec({ name, version, signatureName }: AnsweredBy): ModelSpec {
  return { name, signatureName, versionChoice: { $case: "version", value: version } };
}

/** The examples of an input, each with the features of its context. */
export function readInput(input: Input | undefined): readonly Example[] {
  switch (input?.kind?.$case) {
    case "exampleList":
      return input.kind.value.examples.map(readExample);
    case "exampleListWithContext": {
      const { context, examples } = input.kind.value;
      return withContext(examples.map(readExample), context && readExample(context));
    }
    default:
      return [];
  }
}

export function readExample(message: ExampleMessage): Example {
  const features = message.features?.feature ?? new Map<string, FeatureMessage>();
  return { features: new Map([...features].map(([name, feature]) => [name, readFeature(feature)])) };
}

function readFeature({ kind }: FeatureMessage): Feature {
  switch (kind?.$case) {
    case "floatList":
      return { kind: "float", values: Float32Array.from(kind.value.value) };
    case "int64List":
      return { kind: "int64", values: BigInt64Array.from(kind.value.value) };
    case "bytesList":
      return { kind: "bytes", values: kind.value.value };
    default:
      return { kind: "none" };
  }
}

export function writeClassification(classes: readonly (readonly Classification[])[]): ClassificationResult {
  return { classifications: classes.map((ofExample) => ({ classes: ofExample.map((each) => ({ ...each })) })) };
}

export function writeRegression(values: readonly number[]): RegressionResult {
  return { regressions: values.map((value) => ({ value })) };
}

export function writeStatus(versions: readonly KnownVersion[]): GetModelStatusResponse {
  return {
    modelVersionStatus: versions.map(({ number, state, error }) => ({
      version: number,
      state: ModelVersionStatus_State[state],
      status: { errorCode: CODE_NUMBERS[error?.code ?? "OK"], errorMessage: error?.message ?? "" },
    })),
  };
}

export function writeMetadata(version: ServedVersion): GetModelMetadataResponse {
  const signatureDef = new Map([...version.signatures].map(([name, signature]) => [name, writeSignature(signature)]));
  return {
    modelSpec: {
      name: version.model,
      signatureName: "",
      versionChoice: { $case: "version", value: version.number },
    },
    metadata: new Map([
      [
        "signature_def",
        Any.create({
          typeUrl: "type.googleapis.com/tensorflow.serving.SignatureDefMap",
          value: SignatureDefMap.encode({ signatureDef }).finish(),
        }),
      ],
    ]),
  };
}

function writeSignature({ inputs, outputs, methodName, defaults }: LoadedSignature): SignatureDef {
  return {
    inputs: new Map([...inputs].map(([name, spec]) => [name, writeTensorInfo(spec)])),
    outputs: new Map([...outputs].map(([name, spec]) => [name, writeTensorInfo(spec)])),
    methodName,
    defaults: new Map([...defaults].map(([name, tensor]) => [name, writeTensorProto(tensor, "values")])),
  };
}

function writeTensorInfo({ dtype, shape, tensorName }: TensorSpec): TensorInfo {
  return {
    encoding: { $case: "name", value: tensorName },
    dtype: toDataType(dtype),
    tensorShape: {
      dim: (shape ?? []).map((size) => ({ size: BigInt(size), name: "" })),
      unknownRank: shape === null,
    },
  };
}

export function readModelConfig(model: ModelConfig): ConfiguredModel {
  const isOldTensorflow = model.modelType === ModelType.TENSORFLOW;
  return {
    name: model.name,
    basePath: model.basePath,
    platform: model.modelPlatform || (isOldTensorflow ? "tensorflow" : ""),
    policy: readPolicy(model.modelVersionPolicy),
    labels: model.versionLabels,
    hasLoggingConfig: model.loggingConfig !== undefined,
  };
}

function readPolicy(policy: ModelConfig["modelVersionPolicy"]): VersionPolicy {
  switch (policy?.policyChoice?.$case) {
    case "all":
      return "all";
    case "specific":
      return { specific: policy.policyChoice.value.versions };
    case "latest":
      return { latest: policy.policyChoice.value.numVersions };
    default:
      return { latest: 1 };
  }
}
