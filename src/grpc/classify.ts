import type { Classification, ClassifyResult } from "../contract/classify.ts";
import { type Codec, decoding } from "./codec.ts";
import { DecodeBudget } from "./wire/decode-limits.ts";
import { encodeExamples } from "./wire/inference-request.ts";
import { readClassifications, readInferenceResponse } from "./wire/inference-result.ts";

/** Asks a classification signature about examples. @see tensorflow_serving/apis/classification.proto */
export const classifyCodec: Codec<"classify"> = {
  path: "/tensorflow.serving.PredictionService/Classify",
  encode: encodeExamples,
  decode: (bytes, request, limits) =>
    decoding("ClassificationResponse", () => {
      const results: Classification[][] = [];
      const expected = request.examples.length;
      const budget = new DecodeBudget(limits.maxMessageBytes);
      const readResult = (reader: Parameters<typeof readClassifications>[0]) =>
        readClassifications(reader, results, expected, budget);
      return readInferenceResponse<ClassifyResult>(bytes, request, readResult, results, expected);
    }),
};
