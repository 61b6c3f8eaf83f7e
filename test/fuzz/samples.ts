import { readFileSync } from "node:fs";
import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";

interface Sample {
  readonly kind: string;
  readonly body?: string;
  readonly body_b64?: string;
  readonly outputs?: Readonly<Record<string, { readonly tensor_b64?: string }>>;
}

const SAMPLES = readFileSync(new URL("../fixtures/rest-samples.ndjson", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as Sample);

/** Bodies that the server's own code wrote. */
export function sampleBodies(kind: string): Buffer[] {
  return SAMPLES.filter((sample) => sample.kind === kind).flatMap(({ body, body_b64 }) => {
    if (body_b64 !== undefined) return [Buffer.from(body_b64, "base64")];
    return body === undefined ? [] : [Buffer.from(body)];
  });
}

/** The tensors behind the recorded responses, as the server had them. */
export function sampleTensors(): TensorProto[] {
  return SAMPLES.filter(({ kind }) => kind === "predict-response").flatMap(({ outputs }) =>
    Object.values(outputs ?? {}).flatMap(({ tensor_b64 }) =>
      tensor_b64 === undefined ? [] : [TensorProto.decode(Buffer.from(tensor_b64, "base64"))],
    ),
  );
}
