import { describe, expect, it } from "vitest";
import { ClassificationResponse } from "#generated/tensorflow_serving/apis/classification.ts";
import { MultiInferenceResponse } from "#generated/tensorflow_serving/apis/inference.ts";
import { RegressionResponse } from "#generated/tensorflow_serving/apis/regression.ts";
import { classifyCodec } from "../../../../src/grpc/classify.ts";
import { multiInferenceCodec } from "../../../../src/grpc/multi-inference.ts";
import { regressCodec } from "../../../../src/grpc/regress.ts";
import { bytesField, message } from "../../../property/grpc-wire-bytes.ts";

const LIMITS = { maxMessageBytes: 1 << 20 };
const example = { features: new Map() };

describe("a reply to classify", () => {
  const decode = (bytes: Uint8Array, count = 1) =>
    classifyCodec.decode(Buffer.from(bytes), { model: "m", examples: Array(count).fill(example) }, LIMITS);

  it("has an empty label and a score of 0 where the model gives none", () => {
    const bytes = ClassificationResponse.encode({
      result: { classifications: [{ classes: [{ label: "", score: 0 }] }] },
      modelSpec: undefined,
    }).finish();
    expect(decode(bytes).results).toEqual([[{ label: "", score: 0 }]]);
  });

  it("must have one result an example", () => {
    const bytes = (count: number) =>
      ClassificationResponse.encode({
        result: { classifications: Array(count).fill({ classes: [] }) },
        modelSpec: undefined,
      }).finish();
    expect(() => decode(bytes(1), 2)).toThrow("ClassificationResponse: result: has 1 results for 2 examples");
    expect(() => decode(bytes(2), 1)).toThrow(
      "ClassificationResponse: result: has more than 1 classifications for 1 examples",
    );
    expect(() => decode(new Uint8Array(0))).toThrow("ClassificationResponse: result: has 0 results for 1 examples");
  });

  it("says where a field is wrong", () => {
    const broken = bytesField(1, bytesField(1, bytesField(1, message(Uint8Array.of(21, 1, 2)))));
    expect(() => decode(broken)).toThrow(
      "ClassificationResponse: result.classifications[0].classes[0]: the message ends inside a float",
    );
  });
});

describe("a reply to regress", () => {
  it("must have one value an example", () => {
    const bytes = RegressionResponse.encode({
      result: { regressions: [{ value: 1 }] },
      modelSpec: undefined,
    }).finish();
    const request = { model: "m", examples: [example, example] };
    expect(() => regressCodec.decode(Buffer.from(bytes), request, LIMITS)).toThrow(
      "RegressionResponse: result: has 1 results for 2 examples",
    );
  });
});

describe("a reply to multiInference", () => {
  const tasks = [
    { signatureName: "c", method: "classify" },
    { signatureName: "r", method: "regress" },
  ] as const;
  const regression = { $case: "regressionResult" as const, value: { regressions: [{ value: 1 }] } };
  const spec = (signatureName: string) => ({ name: "m", versionChoice: undefined, signatureName });
  const decode = (results: Parameters<typeof MultiInferenceResponse.encode>[0]["results"]) =>
    multiInferenceCodec.decode(
      Buffer.from(MultiInferenceResponse.encode({ results }).finish()),
      { model: "m", tasks, examples: [example] },
      LIMITS,
    );

  it("is refused when a result is of another kind, for another signature, missing or too many", () => {
    expect(() => decode([{ modelSpec: spec("c"), result: regression }])).toThrow(
      "MultiInferenceResponse: results[0]: is a regress result, asked was classify",
    );
    expect(() => decode([{ modelSpec: spec("r"), result: regression }])).toThrow(
      'MultiInferenceResponse: results[0]: answers signature "r", asked was "c"',
    );
    expect(() => decode([{ modelSpec: spec("c"), result: undefined }])).toThrow(
      "MultiInferenceResponse: results[0]: has no result",
    );
    expect(() => decode([])).toThrow("MultiInferenceResponse: has 0 results for 2 tasks");
  });
});
