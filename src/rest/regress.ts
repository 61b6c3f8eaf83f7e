import type { RestCodec } from "./codec.ts";
import { encodeExamples } from "./example.ts";
import { toServedModel } from "./model-spec.ts";
import { readResults, readScore } from "./read-results.ts";

/** `POST …:regress`. The answer is one number for each example. */
export const regress: RestCodec<"regress"> = {
  encode: (request, context) => encodeExamples("regress", request, context),
  decode: (reply, request, context) => ({
    results: readResults(reply, context, readScore),
    modelSpec: toServedModel(request),
  }),
};
