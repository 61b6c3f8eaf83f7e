import type { RegressResult } from "../contract/regress.ts";
import { type Codec, decoding } from "./codec.ts";
import { encodeExamples } from "./wire/inference-request.ts";
import { readInferenceResponse, readRegressions } from "./wire/inference-result.ts";

/** Asks a regression signature about examples. @see tensorflow_serving/apis/regression.proto */
export const regressCodec: Codec<"regress"> = {
  path: "/tensorflow.serving.PredictionService/Regress",
  encode: encodeExamples,
  decode: (bytes, request) =>
    decoding("RegressionResponse", () => {
      const results: number[] = [];
      const expected = request.examples.length;
      const readResult = (reader: Parameters<typeof readRegressions>[0]) => readRegressions(reader, results, expected);
      return readInferenceResponse<RegressResult>(bytes, request, readResult, results, expected);
    }),
};
