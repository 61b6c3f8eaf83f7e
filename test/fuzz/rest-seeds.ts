import { sampleBodies } from "./samples.ts";

export type Reader = "predict" | "classify" | "regress" | "getModelStatus" | "getModelMetadata" | "failure";

/** Replies that the server's own code wrote, and others that a reader has to take. */
export function restSeeds(reader: Reader): Buffer[] {
  return [...RECORDED[reader], ...WRITTEN[reader].map((text) => Buffer.from(text))];
}

const RECORDED: Readonly<Record<Reader, readonly Buffer[]>> = {
  predict: sampleBodies("predict-response"),
  classify: sampleBodies("classify-response"),
  regress: sampleBodies("regress-response"),
  getModelStatus: [],
  getModelMetadata: [],
  // The byte in front chooses the status.
  failure: sampleBodies("error-body").map((body) => Buffer.concat([Buffer.of(1), body])),
};

const WRITTEN: Readonly<Record<Reader, readonly string[]>> = {
  predict: [
    '{"outputs":[1,2.5,-3e10,1e-40,NaN,Infinity,-Infinity,-0.0]}',
    '{"outputs":[[9223372036854775807,-9223372036854775808,18446744073709551615],[0,1,2]]}',
    '{"predictions":[{"y":[1,2],"s":["a",{"b64":"aGk="}]},{"y":[3,4],"s":["\\u00e4\\ud83d\\ude00",""]}]}',
    '{"outputs":{"y":[[[1]],[[2]]],"b":[true,false],"s":{"b64":"AA=="}}}',
    '\ufeff {"predictions" :\n[ [ ] , [ ] ] }\n',
    '{"outputs":0.1234567890123456789012345678901234567890}',
    '{"error":"In[0] is not a matrix"}',
    // More tensors than anybody has: whatever one of them costs is multiplied.
    `{"predictions":[{${Array.from({ length: 400 }, (_, index) => `"${index}":1`).join(",")}}]}`,
    `{"outputs":{${Array.from({ length: 400 }, (_, index) => `"${index}":[""]`).join(",")}}}`,
  ],
  classify: ['{"results":[[["cat",0.5],["dog",1e-3]],[]]}', '{"results":[[["",NaN]]]}'],
  regress: ['{"results":[0.5,NaN,-Infinity,1]}', '{"results":[]}'],
  getModelStatus: [
    `{
 "model_version_status": [
  { "version": "9223372036854775807", "state": "LOADING", "status": { "error_code": "OK", "error_message": "" } },
  { "version": "2", "state": "END", "status": { "error_code": "RESOURCE_EXHAUSTED", "error_message": "no\\nroom" } }
 ]
}
`,
  ],
  getModelMetadata: [
    `{
"model_spec":{
 "name": "m",
 "signature_name": "",
 "version": "123"
}
,
"metadata": {"signature_def": {
 "signature_def": {
  "serving_default": {
   "inputs": {
    "x": { "dtype": "DT_FLOAT", "tensor_shape": { "dim": [ { "size": "-1", "name": "" } ], "unknown_rank": false }, "name": "x:0" }
   },
   "outputs": {
    "y": { "dtype": "DT_RESOURCE", "tensor_shape": { "dim": [], "unknown_rank": true }, "name": "y:0" }
   },
   "method_name": "tensorflow/serving/predict",
   "defaults": {}
  }
 }
}
}
}
`,
  ],
  failure: [
    '\u0001{ "error": "Servable not found for request: Latest(m)" }',
    '\u0002{"error":"Malformed request: GET /v1/models"}',
    "\u0008<html><head><title>502 Bad Gateway</title></head></html>",
    '\u0009{"fault":{"code":16,"message":"over"}}',
    "\u0000",
    "",
  ],
};
