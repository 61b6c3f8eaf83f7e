import type { OperationName } from "../contract/operations.ts";
import { classifyCodec } from "./classify.ts";
import type { Codec } from "./codec.ts";
import { modelMetadataCodec } from "./model-metadata.ts";
import { modelStatusCodec } from "./model-status.ts";
import { multiInferenceCodec } from "./multi-inference.ts";
import { predictCodec } from "./predict.ts";
import { regressCodec } from "./regress.ts";
import { reloadConfigCodec } from "./reload-config.ts";

/** Every operation on this wire: gRPC can do all of them. */
export const CODECS: { readonly [O in OperationName]: Codec<O> } = {
  predict: predictCodec,
  classify: classifyCodec,
  regress: regressCodec,
  multiInference: multiInferenceCodec,
  getModelStatus: modelStatusCodec,
  getModelMetadata: modelMetadataCodec,
  reloadConfig: reloadConfigCodec,
};
