import type { OperationName } from "../contract/operations.ts";
import { classifyCodec } from "./classify.ts";
import type { Codec } from "./codec.ts";
import { modelMetadataCodec } from "./model-metadata.ts";
import { modelStatusCodec } from "./model-status.ts";
import { multiInferenceCodec } from "./multi-inference.ts";
import { PredictCodec } from "./predict.ts";
import { regressCodec } from "./regress.ts";
import { reloadConfigCodec } from "./reload-config.ts";

export type Codecs = { readonly [O in OperationName]: Codec<O> };

/** Every operation on this wire: gRPC can do all of them. A transport has its own, since one of them remembers. */
export function createCodecs(): Codecs {
  return {
    predict: new PredictCodec(),
    classify: classifyCodec,
    regress: regressCodec,
    multiInference: multiInferenceCodec,
    getModelStatus: modelStatusCodec,
    getModelMetadata: modelMetadataCodec,
    reloadConfig: reloadConfigCodec,
  };
}
