import type { OperationName } from "../contract/operations.ts";
import { classify } from "./classify.ts";
import type { RestCodec } from "./codec.ts";
import { modelMetadata } from "./model-metadata.ts";
import { modelStatus } from "./model-status.ts";
import { multiInference } from "./multi-inference.ts";
import { predict } from "./predict.ts";
import { regress } from "./regress.ts";
import { reloadConfig } from "./reload-config.ts";

/** One codec an operation. Those that the server has no route for refuse to encode. */
export const CODECS: { readonly [O in OperationName]: RestCodec<O> } = {
  predict,
  classify,
  regress,
  multiInference,
  getModelStatus: modelStatus,
  getModelMetadata: modelMetadata,
  reloadConfig,
};
