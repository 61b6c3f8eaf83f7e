import type { Classification } from "../contract/classify.ts";
import type { RestCodec } from "./codec.ts";
import { encodeExamples } from "./example.ts";
import type { JsonReader } from "./json/json-reader.ts";
import { toServedModel } from "./model-spec.ts";
import { BYTES_PER_OBJECT, readResults, readScore } from "./read-results.ts";

/** `POST …:classify`. The answer is a list of `["label", score]` for each example. */
export const classify: RestCodec<"classify"> = {
  encode: (request, context) => encodeExamples("classify", request, context),
  decode: (reply, request, context) => ({
    results: readResults(reply, context, readClasses),
    modelSpec: toServedModel(request),
  }),
};

function readClasses(reader: JsonReader): Classification[] {
  const classes: Classification[] = [];
  reader.list(() => {
    reader.claim(BYTES_PER_OBJECT);
    let label = "";
    let score = 0;
    const length = reader.list((index) => {
      if (index === 0) label = reader.string();
      else if (index === 1) score = readScore(reader);
      else throw reader.fail("a class of more than a label and a score");
    });
    if (length !== 2) throw reader.fail(`a class of ${length} values, expected a label and a score`);
    classes.push({ label, score });
  });
  return classes;
}
