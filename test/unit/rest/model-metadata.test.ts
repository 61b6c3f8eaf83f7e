import { describe, expect, it } from "vitest";
import type { CodecContext } from "../../../src/rest/codec.ts";
import { modelMetadata } from "../../../src/rest/model-metadata.ts";
import { failure } from "./fixture.ts";

const CONTEXT: CodecContext = { format: "columnar", signature: undefined, maxMessageBytes: 1 << 20 };
const decode = (json: string) =>
  modelMetadata.decode({ body: Buffer.from(json), endedByClose: false }, { model: "m" }, CONTEXT);

const SERVER = `{
"model_spec":{
 "name": "half_plus_two",
 "signature_name": "",
 "version": "123"
}
,
"metadata": {"signature_def": {
 "signature_def": {
  "serving_default": {
   "inputs": {
    "x": { "dtype": "DT_FLOAT", "tensor_shape": { "dim": [ { "size": "-1", "name": "" }, { "size": "3", "name": "" } ], "unknown_rank": false }, "name": "x:0" },
    "any": { "dtype": "DT_RESOURCE", "tensor_shape": { "dim": [], "unknown_rank": true }, "name": "any:0" }
   },
   "outputs": {
    "__proto__": { "dtype": "DT_HALF", "tensor_shape": { "dim": [], "unknown_rank": false }, "name": "y:0" }
   },
   "method_name": "tensorflow/serving/predict",
   "defaults": { "any": { "dtype": "DT_FLOAT" } }
  },
  "__proto__": { "inputs": {}, "outputs": {}, "method_name": "", "defaults": {} }
 }
}
}
}
`;

/** A name that an ordinary object would lose. */
const PROTO = "__proto__";

describe("modelMetadata", () => {
  it("asks below the model, its version or its label", () => {
    expect(modelMetadata.encode({ model: "m" }, CONTEXT)).toEqual({
      method: "GET",
      path: "/models/m/metadata",
      body: undefined,
    });
    expect(modelMetadata.encode({ model: "m", versionLabel: "l" }, CONTEXT).path).toBe("/models/m/labels/l/metadata");
  });

  it("reads the server's document, where signature_def comes twice", () => {
    const { modelSpec, signatures } = decode(SERVER);
    expect(modelSpec).toEqual({ name: "half_plus_two", version: 123 });
    expect(Object.keys(signatures)).toEqual(["serving_default", "__proto__"]);
    const served = signatures["serving_default"]!;
    expect(served.methodName).toBe("tensorflow/serving/predict");
    expect({ ...served.inputs }).toEqual({
      x: { dtype: "float32", shape: [-1, 3], tensorName: "x:0" },
      any: { dtype: "DT_RESOURCE", shape: null, tensorName: "any:0" },
    });
    expect(Object.entries(served.outputs)).toEqual([["__proto__", { dtype: "float16", shape: [], tensorName: "y:0" }]]);
    expect(served.defaults).toEqual(["any"]);
    expect(signatures[PROTO]!.defaults).toBe(undefined);
  });

  it("reads names in camel case, and fields left out", () => {
    const { modelSpec, signatures } = decode(
      '{"modelSpec":{},"metadata":{"signatureDef":{"signatureDef":{"s":{"inputs":{"aB":{"dtype":14,"tensorShape":{"dim":[{}]}},"c":{}}}}}}}',
    );
    expect(modelSpec).toEqual({ name: "m" });
    expect({ ...signatures["s"]!.inputs }).toEqual({
      aB: { dtype: "DT_14", shape: [0], tensorName: "" },
      c: { dtype: "DT_INVALID", shape: null, tensorName: "" },
    });
  });

  it.each([
    ["{}", "reply.metadata: expected object"],
    ['{"metadata":{"signature_def":{"signature_def":{"s":1}}}}', 'reply.metadata.signature_def["s"]: expected object'],
    [
      '{"metadata":{"signature_def":{"signature_def":{"s":{"inputs":{"x":{"tensor_shape":{"dim":[{"size":"-2"}]}}}}}}}}',
      'reply.metadata.signature_def["s"].inputs["x"]: a dimension out of range',
    ],
  ])("refuses %s", async (json, message) => {
    expect((await failure(() => decode(json))).rawMessage).toBe(message);
  });
});
