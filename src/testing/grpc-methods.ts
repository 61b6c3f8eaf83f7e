import { ClassificationRequest, ClassificationResponse } from "#generated/tensorflow_serving/apis/classification.ts";
import {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { GetModelStatusRequest, GetModelStatusResponse } from "#generated/tensorflow_serving/apis/get_model_status.ts";
import { MultiInferenceRequest, MultiInferenceResponse } from "#generated/tensorflow_serving/apis/inference.ts";
import type { ModelSpec } from "#generated/tensorflow_serving/apis/model.ts";
import { ReloadConfigRequest, ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
import { PredictRequest, PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import { RegressionRequest, RegressionResponse } from "#generated/tensorflow_serving/apis/regression.ts";
import type { OperationName } from "../contract/operations.ts";
import { noteServed, type OpenCall, type RequestSummary, summarize } from "./call-log.ts";
import type { CallScope } from "./call-scope.ts";
import type { RequestedModel } from "./requested-model.ts";
import { invalid, ServerError } from "./server-error.ts";
import type { ServingCore } from "./serving-core.ts";
import {
  readInput,
  readModelConfig,
  readModelSpec,
  writeClassification,
  writeMetadata,
  writeModelSpec,
  writeRegression,
  writeStatus,
} from "./wire/grpc-messages.ts";
import { readTensorProto, type TensorEncoding, writeTensorProto } from "./wire/tensor-proto.ts";

/** What a method has to work with once the call has passed the desk. */
export interface MethodContext {
  readonly core: ServingCore;
  readonly scope: CallScope;
  readonly call: OpenCall;
  readonly encoding: TensorEncoding;
}

/** A request that has been read: what it asks of whom, and how to answer it. */
export interface ReadCall {
  readonly operation: OperationName;
  readonly requested: RequestedModel;
  readonly summary: RequestSummary;
  run(context: MethodContext): Promise<Uint8Array>;
}

/** Reads the message of one method. @throws ServerError (INTERNAL) when the bytes are no such message */
export type GrpcMethod = (message: Uint8Array) => ReadCall;

/** Every method by service and name, as they stand in the call paths. */
export const GRPC_METHODS: Readonly<Record<string, Readonly<Record<string, GrpcMethod>>>> = {
  "tensorflow.serving.PredictionService": {
    Predict: predict,
    Classify: classify,
    Regress: regress,
    MultiInference: multiInference,
    GetModelMetadata: getModelMetadata,
  },
  "tensorflow.serving.ModelService": {
    GetModelStatus: getModelStatus,
    HandleReloadConfigRequest: reloadConfig,
  },
};

function decode<T>(type: { decode(bytes: Uint8Array): T }, message: Uint8Array): T {
  try {
    // Bytes come out as views of the message, which must be plain even where that is a Buffer.
    return type.decode(new Uint8Array(message.buffer, message.byteOffset, message.byteLength));
  } catch {
    throw new ServerError("INTERNAL", "Error deserializing request");
  }
}

/** For the record: a request without a model_spec is refused later, in the method. */
function named(spec: ModelSpec | undefined): RequestedModel {
  return readModelSpec(spec ?? { name: "", signatureName: "", versionChoice: undefined });
}

function predict(message: Uint8Array): ReadCall {
  const request = decode(PredictRequest, message);
  const inputs = new Map([...request.inputs].map(([name, proto]) => [name, readTensorProto(proto)]));
  return {
    operation: "predict",
    requested: named(request.modelSpec),
    summary: { inputs: summarize(inputs), outputFilter: request.outputFilter },
    async run({ core, scope, call, encoding }) {
      const requested = readModelSpec(request.modelSpec);
      const { answeredBy, outputs } = await core.predict(requested, inputs, request.outputFilter, scope);
      noteServed(call, answeredBy.version);
      return PredictResponse.encode({
        modelSpec: writeModelSpec(answeredBy),
        outputs: new Map([...outputs].map(([name, tensor]) => [name, writeTensorProto(tensor, encoding)])),
      }).finish();
    },
  };
}

function classify(message: Uint8Array): ReadCall {
  const request = decode(ClassificationRequest, message);
  const examples = readInput(request.input);
  return {
    operation: "classify",
    requested: named(request.modelSpec),
    summary: { examples: examples.length },
    async run({ core, scope, call }) {
      const { answeredBy, classes } = await core.classify(readModelSpec(request.modelSpec), examples, scope);
      noteServed(call, answeredBy.version);
      return ClassificationResponse.encode({
        modelSpec: writeModelSpec(answeredBy),
        result: writeClassification(classes),
      }).finish();
    },
  };
}

function regress(message: Uint8Array): ReadCall {
  const request = decode(RegressionRequest, message);
  const examples = readInput(request.input);
  return {
    operation: "regress",
    requested: named(request.modelSpec),
    summary: { examples: examples.length },
    async run({ core, scope, call }) {
      const { answeredBy, values } = await core.regress(readModelSpec(request.modelSpec), examples, scope);
      noteServed(call, answeredBy.version);
      return RegressionResponse.encode({
        modelSpec: writeModelSpec(answeredBy),
        result: writeRegression(values),
      }).finish();
    },
  };
}

function multiInference(message: Uint8Array): ReadCall {
  const request = decode(MultiInferenceRequest, message);
  const examples = readInput(request.input);
  const tasks = request.tasks.map(({ modelSpec, methodName }) => ({ model: named(modelSpec), methodName }));
  return {
    operation: "multiInference",
    requested: named(request.tasks[0]?.modelSpec),
    summary: {
      examples: examples.length,
      tasks: tasks.map(({ model, methodName }) => ({ signatureName: model.signatureName, methodName })),
    },
    async run({ core, scope, call }) {
      const answers = await core.multiInference(tasks, examples, scope);
      if (answers[0]) noteServed(call, answers[0].answeredBy.version);
      return MultiInferenceResponse.encode({
        results: answers.map((answer) => ({
          modelSpec: writeModelSpec(answer.answeredBy),
          result:
            "classes" in answer
              ? { $case: "classificationResult", value: writeClassification(answer.classes) }
              : { $case: "regressionResult", value: writeRegression(answer.values) },
        })),
      }).finish();
    },
  };
}

function getModelMetadata(message: Uint8Array): ReadCall {
  const request = decode(GetModelMetadataRequest, message);
  return {
    operation: "getModelMetadata",
    requested: named(request.modelSpec),
    summary: {},
    async run({ core, call }) {
      const requested = readModelSpec(request.modelSpec);
      if (request.metadataField.length === 0) {
        throw invalid("GetModelMetadataRequest must specify at least one metadata_field");
      }
      const unknown = request.metadataField.find((field) => field !== "signature_def");
      if (unknown !== undefined) throw invalid(`Metadata field ${unknown} is not supported`);
      const version = core.getModelMetadata(requested);
      noteServed(call, version.number);
      return GetModelMetadataResponse.encode(writeMetadata(version)).finish();
    },
  };
}

function getModelStatus(message: Uint8Array): ReadCall {
  const request = decode(GetModelStatusRequest, message);
  return {
    operation: "getModelStatus",
    requested: named(request.modelSpec),
    summary: {},
    async run({ core }) {
      return GetModelStatusResponse.encode(writeStatus(core.getModelStatus(readModelSpec(request.modelSpec)))).finish();
    },
  };
}

function reloadConfig(message: Uint8Array): ReadCall {
  const request = decode(ReloadConfigRequest, message);
  const { config } = request.config ?? {};
  const models = config?.$case === "modelConfigList" ? config.value.config : [];
  return {
    operation: "reloadConfig",
    requested: named(undefined),
    summary: { models: models.map(({ name }) => name) },
    async run({ core, scope }) {
      if (config?.$case !== "modelConfigList") {
        throw invalid(
          "ServerModelConfig type not supported by HandleReloadConfigRequest. Only ModelConfigList is currently supported",
        );
      }
      await core.reloadConfig(models.map(readModelConfig), scope);
      return ReloadConfigResponse.encode({ status: { errorCode: 0, errorMessage: "" }, metric: [] }).finish();
    },
  };
}
