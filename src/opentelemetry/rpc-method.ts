import type { OperationName } from "../contract/operations.ts";

/** The service and the method that an operation is on gRPC; REST paths are made from the same methods. */
export interface RpcMethod {
  readonly service: string;
  readonly method: string;
  /** How REST sends it. */
  readonly httpMethod: "GET" | "POST";
}

const PREDICTION = "tensorflow.serving.PredictionService";
const MODEL = "tensorflow.serving.ModelService";

/** @see tensorflow_serving/apis/prediction_service.proto, model_service.proto */
export const RPC_METHODS: Readonly<Record<OperationName, RpcMethod>> = {
  predict: { service: PREDICTION, method: "Predict", httpMethod: "POST" },
  classify: { service: PREDICTION, method: "Classify", httpMethod: "POST" },
  regress: { service: PREDICTION, method: "Regress", httpMethod: "POST" },
  multiInference: { service: PREDICTION, method: "MultiInference", httpMethod: "POST" },
  getModelMetadata: { service: PREDICTION, method: "GetModelMetadata", httpMethod: "GET" },
  getModelStatus: { service: MODEL, method: "GetModelStatus", httpMethod: "GET" },
  reloadConfig: { service: MODEL, method: "HandleReloadConfigRequest", httpMethod: "POST" },
};
