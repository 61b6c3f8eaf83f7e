import type { ClassifyRequest, ClassifyResponse } from "./classify.ts";
import type { ModelMetadataRequest, ModelMetadataResponse } from "./model-metadata.ts";
import type { ModelStatusRequest, ModelStatusResponse } from "./model-status.ts";
import type { MultiInferenceRequest, MultiInferenceResponse } from "./multi-inference.ts";
import type { PredictRequest, PredictResponse } from "./predict.ts";
import type { RegressRequest, RegressResponse } from "./regress.ts";
import type { ReloadConfigRequest, ReloadConfigResponse } from "./reload-config.ts";

/** Every operation: what it asks and what it answers, in no wire's words. */
export interface Operations {
  predict: { request: PredictRequest; response: PredictResponse };
  classify: { request: ClassifyRequest; response: ClassifyResponse };
  regress: { request: RegressRequest; response: RegressResponse };
  multiInference: { request: MultiInferenceRequest; response: MultiInferenceResponse };
  getModelStatus: { request: ModelStatusRequest; response: ModelStatusResponse };
  getModelMetadata: { request: ModelMetadataRequest; response: ModelMetadataResponse };
  reloadConfig: { request: ReloadConfigRequest; response: ReloadConfigResponse };
}

export type OperationName = keyof Operations;
export type RequestOf<O extends OperationName> = Operations[O]["request"];
export type ResponseOf<O extends OperationName> = Operations[O]["response"];

export interface OperationTraits {
  /** Inference runs a model, control reads or changes the server: they have different default timeouts. */
  readonly group: "inference" | "control";
  /** Whether asking twice does no more than asking once. */
  readonly repeatable: boolean;
}

/** One row an operation; a new operation begins here. */
export const OPERATIONS: Readonly<Record<OperationName, OperationTraits>> = {
  predict: { group: "inference", repeatable: true },
  classify: { group: "inference", repeatable: true },
  regress: { group: "inference", repeatable: true },
  multiInference: { group: "inference", repeatable: true },
  getModelStatus: { group: "control", repeatable: true },
  getModelMetadata: { group: "control", repeatable: true },
  reloadConfig: { group: "control", repeatable: false },
};
