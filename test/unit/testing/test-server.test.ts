import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SignatureDefMap } from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import type { ModelDefinition } from "../../../src/testing/model-definition.ts";
import { echo } from "../../../src/testing/models/echo.ts";
import { halfPlusTwo } from "../../../src/testing/models/half-plus-two.ts";
import { createTestServer, type TestServer } from "../../../src/testing/test-server.ts";
import { errorOf, failure, floats, openRawGrpc, type RawGrpc, send } from "./raw-calls.ts";

const INVALID_ARGUMENT = 3;
const DEADLINE_EXCEEDED = 4;
const NOT_FOUND = 5;
const FAILED_PRECONDITION = 9;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;

const float = { dtype: "float32", shape: [-1] };

/** Two inputs, one of which has a default, and two outputs. */
const sum: ModelDefinition = {
  versions: {
    1: {
      signatures: {
        serving_default: {
          inputs: { a: float, b: float },
          outputs: { total: float, count: { dtype: "int64", shape: [] } },
        },
        defaulted: {
          inputs: { a: float, b: float },
          outputs: { total: float, count: { dtype: "int64", shape: [] } },
          defaults: { b: [100] },
        },
      },
      predict({ a, b }) {
        const left = a?.data as Float32Array;
        const right = b?.data as Float32Array;
        if (left.length !== right.length && right.length !== 1) {
          throw new ServingError("Incompatible shapes", { code: "INVALID_ARGUMENT", kind: "invalid" });
        }
        return {
          total: left.map((value, i) => value + (right[i] ?? (right[0] as number))),
          count: BigInt(left.length),
        };
      },
    },
  },
};

const faulty: ModelDefinition = {
  versions: {
    1: {
      signatures: { serving_default: { inputs: { x: float }, outputs: { y: float } } },
      predict({ x }) {
        const kind = x?.data[0];
        if (kind === 1) throw new Error("kernel died");
        if (kind === 2) return { z: [1] };
        if (kind === 3) return {};
        if (kind === 4) return { y: ["text"] };
        throw new ServingError("e".repeat(2000), { code: "DATA_LOSS", kind: "internal" });
      },
    },
  },
};

let server: TestServer;
let grpc: RawGrpc;

beforeAll(async () => {
  server = await createTestServer({
    models: {
      half_plus_two: { ...halfPlusTwo, labels: { stable: 1 } },
      echo,
      sum,
      faulty,
      slow: { ...halfPlusTwo, latencyMs: 60_000 },
      "a/b": halfPlusTwo,
    },
    storage: { "/spare/three": halfPlusTwo.versions },
    grpcHealth: true,
    prometheus: true,
    restTimeoutMs: 500,
  });
  grpc = openRawGrpc(server.grpcAddress);
});

afterAll(async () => {
  grpc.close();
  await server.close();
});

const rest = (method: string, target: string, body?: string | Uint8Array, headers: Record<string, string> = {}) =>
  send(server.restAddress, method, target, { ...(body === undefined ? {} : { body }), headers });

const predict = (model: string, inputs: Record<string, object>, more: object = {}, spec: object = {}) =>
  grpc.call("predict", { modelSpec: { name: model, ...spec }, inputs: new Map(Object.entries(inputs)), ...more });

describe("predict over gRPC", () => {
  it("answers with what served, the default signature named", async () => {
    const reply = await predict("half_plus_two", { x: floats(1, 2, 5) });
    expect(reply.modelSpec).toEqual({
      name: "half_plus_two",
      signatureName: "serving_default",
      versionChoice: { $case: "version", value: 1n },
    });
    expect(reply.outputs.get("y")).toMatchObject({
      dtype: 1,
      tensorShape: { dim: [{ size: 3n }] },
      floatVal: [2.5, 3, 4.5],
      tensorContent: new Uint8Array(0),
    });
  });

  it("answers a label as the version it stands for", async () => {
    const spec = { versionChoice: { $case: "versionLabel", value: "stable" } };
    const reply = await predict("half_plus_two", { x: floats(1) }, {}, spec);
    expect(reply.modelSpec?.versionChoice).toEqual({ $case: "version", value: 1n });
  });

  it("writes tensor_content when told to, at run time", async () => {
    server.tensorEncoding = "content";
    const reply = await predict("half_plus_two", { x: floats(2) });
    server.tensorEncoding = "values";
    expect(reply.outputs.get("y")).toMatchObject({ floatVal: [], tensorContent: Buffer.of(0, 0, 0x40, 0x40) });
  });

  it("gives the outputs of the filter alone, and all without one", async () => {
    const inputs = { a: floats(1), b: floats(2) };
    const filtered = await predict("sum", inputs, { outputFilter: ["count"] });
    expect([...filtered.outputs.keys()]).toEqual(["count"]);
    expect([...(await predict("sum", inputs)).outputs.keys()]).toEqual(["total", "count"]);
  });

  it("fills in defaults of inputs that are left out", async () => {
    const reply = await predict("sum", { a: floats(1, 2) }, {}, { signatureName: "defaulted" });
    expect(reply.outputs.get("total")?.floatVal).toEqual([101, 102]);
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    ["no model_spec", () => grpc.call("predict", {}), INVALID_ARGUMENT, "Missing ModelSpec"],
    ["no name", () => predict("", {}), INVALID_ARGUMENT, "ModelSpec has no name specified."],
    ["an unknown model", () => predict("none", {}), NOT_FOUND, "Servable not found for request: Latest(none)"],
    [
      "an unknown version",
      () => predict("sum", {}, {}, { versionChoice: { $case: "version", value: 5n } }),
      NOT_FOUND,
      "Servable not found for request: Specific(sum, 5)",
    ],
    [
      "an unknown label",
      () => predict("sum", {}, {}, { versionChoice: { $case: "versionLabel", value: "x" } }),
      INVALID_ARGUMENT,
      "Unrecognized servable version label: x",
    ],
    [
      "an unknown signature",
      () => predict("sum", {}, {}, { signatureName: "x" }),
      FAILED_PRECONDITION,
      'Serving signature key "x" not found.',
    ],
    [
      "a missing input",
      () => predict("sum", { a: floats(1) }),
      INVALID_ARGUMENT,
      "input size does not match signature: 1!=2 len({a}) != len({a,b}). Sent extra: {}. Missing but required: {b}.",
    ],
    [
      "a wrong name",
      () => predict("sum", { a: floats(1), c: floats(1) }),
      INVALID_ARGUMENT,
      "Signature input alias: b(feed name: serving_default_b:0) not found in request and no default value provided. Inputs expected to be in the request {a,c}, or default input alias set: ",
    ],
    [
      "a wrong name where there are defaults",
      () => predict("sum", { a: floats(1), c: floats(1) }, {}, { signatureName: "defaulted" }),
      INVALID_ARGUMENT,
      "Inputs contains invalid name. Used request inputs: a, request input: a,c",
    ],
    [
      "a malformed tensor",
      () => predict("half_plus_two", { x: { dtype: 1, tensorShape: { dim: [{ size: -1n }] } } }),
      INVALID_ARGUMENT,
      "tensor parsing error: x",
    ],
    [
      "another dtype",
      () => predict("half_plus_two", { x: { dtype: 3, intVal: [1] } }),
      INVALID_ARGUMENT,
      "Expects arg[0] to be float but int32 is provided",
    ],
    [
      "an unknown output in the filter",
      () => predict("half_plus_two", { x: floats(1) }, { outputFilter: ["z"] }),
      INVALID_ARGUMENT,
      "output tensor alias not found in signature: z Outputs expected to be in the set {y}.",
    ],
    [
      "an output twice in the filter",
      () => predict("half_plus_two", { x: floats(1) }, { outputFilter: ["y", "y"] }),
      INVALID_ARGUMENT,
      "duplicate output tensor alias: y",
    ],
    [
      "a failing kernel",
      () => predict("sum", { a: floats(1), b: floats(1, 2, 3) }),
      INVALID_ARGUMENT,
      "Incompatible shapes",
    ],
    ["a function that throws", () => predict("faulty", { x: floats(1) }), INTERNAL, "kernel died"],
    [
      "an output that the signature does not have",
      () => predict("faulty", { x: floats(2) }),
      INTERNAL,
      'the model returned "z", which is not an output of its signature',
    ],
    ["an output left out", () => predict("faulty", { x: floats(3) }), INTERNAL, 'the model returned no output "y"'],
    [
      "an unknown method",
      () => grpc.bytes("/tensorflow.serving.SessionService/SessionRun", new Uint8Array(0)),
      UNIMPLEMENTED,
      "",
    ],
  ])("refuses %s", async (_, call, code, details) => {
    expect(await failure(call())).toEqual({ code, details: details === "" ? expect.anything() : details });
  });

  it("names the output whose values do not fit its dtype", async () => {
    expect(await failure(predict("faulty", { x: floats(4) }))).toMatchObject({
      code: INTERNAL,
      details: expect.stringContaining('output "y"'),
    });
  });

  it("cuts messages at 1024 bytes", async () => {
    const { details } = await failure(predict("faulty", { x: floats(0) }));
    expect(details).toBe(`${"e".repeat(1024)}...TRUNCATED`);
  });

  it("gives a run the time that the caller has left", async () => {
    const call = grpc.call(
      "predict",
      { modelSpec: { name: "slow" }, inputs: new Map([["x", floats(1)]]) },
      { timeoutMs: 20 },
    );
    expect((await failure(call)).code).toBe(DEADLINE_EXCEEDED);
  });
});

describe("classify, regress and multiInference over gRPC", () => {
  const examples = (...values: number[]) => ({
    kind: {
      $case: "exampleList",
      value: {
        examples: values.map((x) => ({
          features: { feature: new Map([["x", { kind: { $case: "floatList", value: { value: [x] } } }]]) },
        })),
      },
    },
  });
  const spec = (signatureName: string) => ({ name: "half_plus_two", signatureName });

  it("classify gives classes for each example", async () => {
    const reply = await grpc.call("classify", { modelSpec: spec("classify_x_to_y"), input: examples(1, 2) });
    expect(reply.result?.classifications).toEqual([
      { classes: [{ label: "", score: 2.5 }] },
      { classes: [{ label: "", score: 3 }] },
    ]);
    expect(reply.modelSpec).toMatchObject({ signatureName: "classify_x_to_y" });
  });

  it("regress adds the features of the context", async () => {
    const x = { features: { feature: new Map([["x", { kind: { $case: "floatList", value: { value: [8] } } }]]) } };
    const input = { kind: { $case: "exampleListWithContext", value: { context: x, examples: [{}] } } };
    const reply = await grpc.call("regress", { modelSpec: spec("regress_x_to_y"), input });
    expect(reply.result?.regressions).toEqual([{ value: 6 }]);
  });

  it("multiInference answers each task", async () => {
    const tasks = [
      { modelSpec: spec("regress_x_to_y"), methodName: "tensorflow/serving/regress" },
      { modelSpec: spec("classify_x_to_y"), methodName: "tensorflow/serving/classify" },
    ];
    const reply = await grpc.call("multiInference", { tasks, input: examples(2) });
    expect(reply.results.map(({ result }) => result)).toEqual([
      { $case: "regressionResult", value: { regressions: [{ value: 3 }] } },
      { $case: "classificationResult", value: { classifications: [{ classes: [{ label: "", score: 3 }] }] } },
    ]);
  });

  it.each<[string, () => Promise<unknown>, number, string]>([
    [
      "an unknown signature",
      () => grpc.call("classify", { modelSpec: spec("x"), input: examples(1) }),
      INVALID_ARGUMENT,
      "No signature was found with the name: x",
    ],
    [
      "no examples",
      () => grpc.call("regress", { modelSpec: spec("regress_x_to_y") }),
      INVALID_ARGUMENT,
      "Input is empty.",
    ],
    [
      "a signature of another form",
      () => grpc.call("classify", { modelSpec: spec(""), input: examples(1) }),
      INVALID_ARGUMENT,
      "No classification inputs found in SignatureDef",
    ],
    [
      "the same signature twice",
      () => {
        const task = { modelSpec: spec("regress_x_to_y"), methodName: "tensorflow/serving/regress" };
        return grpc.call("multiInference", { tasks: [task, task], input: examples(1) });
      },
      INVALID_ARGUMENT,
      "Duplicate evaluation of signature: regress_x_to_y",
    ],
    [
      "two models",
      () => {
        const task = { modelSpec: spec("regress_x_to_y"), methodName: "tensorflow/serving/regress" };
        const other = { ...task, modelSpec: { name: "sum", signatureName: "x" } };
        return grpc.call("multiInference", { tasks: [task, other], input: examples(1) });
      },
      INVALID_ARGUMENT,
      "All ModelSpecs in a MultiInferenceRequest must access the same model name.",
    ],
    [
      "a task of another kind",
      () => {
        const tasks = [{ modelSpec: spec("serving_default"), methodName: "tensorflow/serving/predict" }];
        return grpc.call("multiInference", { tasks, input: examples(1) });
      },
      UNIMPLEMENTED,
      "Unsupported signature method_name: tensorflow/serving/predict",
    ],
    ["no tasks", () => grpc.call("multiInference", {}), INVALID_ARGUMENT, "ModelSpec has no name specified."],
  ])("refuse %s", async (_, call, code, details) => {
    expect(await failure(call())).toEqual({ code, details });
  });
});

describe("status and metadata over gRPC", () => {
  it("status ignores a label, even one that does not exist", async () => {
    const versionChoice = { $case: "versionLabel", value: "nobody" };
    const reply = await grpc.call("status", { modelSpec: { name: "sum", versionChoice } });
    expect(reply.modelVersionStatus).toEqual([{ version: 1n, state: 30, status: { errorCode: 0, errorMessage: "" } }]);
  });

  it("status lists the highest version first, with the error of one that failed", async () => {
    server.setVersionState("ladder", 2, "LOADING");
    server.setVersionState("ladder", 10, "END", { code: "RESOURCE_EXHAUSTED", message: "no memory" });
    const reply = await grpc.call("status", { modelSpec: { name: "ladder" } });
    expect(reply.modelVersionStatus.map(({ version, state, status }) => [version, state, status?.errorCode])).toEqual([
      [10n, 50, 8],
      [2n, 20, 0],
    ]);
  });

  it.each<[string, object, string]>([
    ["an unknown model", { modelSpec: { name: "none" } }, "Could not find any versions of model none"],
    ["no name", { modelSpec: {} }, "Could not find any versions of model "],
    [
      "an unknown version",
      { modelSpec: { name: "sum", versionChoice: { $case: "version", value: 7n } } },
      "Could not find version 7 of model sum",
    ],
  ])("status does not find %s", async (_, request, details) => {
    expect(await failure(grpc.call("status", request))).toEqual({ code: NOT_FOUND, details });
  });

  it("metadata packs the signatures into an Any", async () => {
    const reply = await grpc.call("metadata", { modelSpec: { name: "sum" }, metadataField: ["signature_def"] });
    const any = reply.metadata.get("signature_def");
    expect(any?.typeUrl).toBe("type.googleapis.com/tensorflow.serving.SignatureDefMap");
    const { signatureDef } = SignatureDefMap.decode(any?.value as Uint8Array);
    expect(signatureDef.get("defaulted")?.inputs.get("a")).toMatchObject({
      dtype: 1,
      tensorShape: { dim: [{ size: -1n }], unknownRank: false },
      encoding: { $case: "name", value: "defaulted_a:0" },
    });
    expect(signatureDef.get("defaulted")?.defaults.get("b")?.floatVal).toEqual([100]);
    expect(signatureDef.get("serving_default")?.methodName).toBe("tensorflow/serving/predict");
  });

  it.each<[string, object, string]>([
    ["no field", {}, "GetModelMetadataRequest must specify at least one metadata_field"],
    ["an unknown field", { metadataField: ["x"] }, "Metadata field x is not supported"],
  ])("metadata refuses %s", async (_, more, details) => {
    const call = grpc.call("metadata", { modelSpec: { name: "sum" }, ...more });
    expect(await failure(call)).toEqual({ code: INVALID_ARGUMENT, details });
  });
});

describe("the health service", () => {
  const check = (service: string) =>
    grpc.bytes("/grpc.health.v1.Health/Check", Buffer.from([0x0a, service.length, ...Buffer.from(service)]));

  it.each(["", "ModelService", "PredictionService"])("is SERVING for %j whatever the models do", async (service) => {
    expect([...(await check(service))]).toEqual([8, 1]);
  });

  it("does not know the full name of a service", async () => {
    expect((await failure(check("tensorflow.serving.PredictionService"))).code).toBe(NOT_FOUND);
  });

  it("is not there unless it is asked for", async () => {
    await using plain = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
    const raw = openRawGrpc(plain.grpcAddress);
    expect((await failure(raw.bytes("/grpc.health.v1.Health/Check", new Uint8Array(0)))).code).toBe(UNIMPLEMENTED);
    raw.close();
  });
});

describe("REST", () => {
  it("answers rows with predictions and columns with outputs", async () => {
    const rows = await rest("POST", "/v1/models/half_plus_two:predict", '{"instances":[1,2,5]}');
    expect(rows).toMatchObject({ status: 200, body: '{\n    "predictions": [2.5, 3.0, 4.5\n    ]\n}' });
    expect(rows.headers).toMatchObject({ "content-type": "application/json", "content-length": "43" });
    const columns = await rest("POST", "/v1/models/half_plus_two/labels/stable:predict", '{"inputs":[1]}');
    expect(columns.body).toBe('{\n    "outputs": [\n        2.5\n    ]\n}');
  });

  it("reaches a model whose name has a slash", async () => {
    expect((await rest("POST", "/v1/models/a%2Fb:predict", '{"inputs":[1]}')).status).toBe(200);
  });

  it("reads gzip, and takes broken gzip for an empty body", async () => {
    const headers = { "content-encoding": "gzip" };
    const target = "/v1/models/half_plus_two:predict";
    expect((await rest("POST", target, gzipSync('{"inputs":[1]}'), headers)).status).toBe(200);
    const broken = await rest("POST", target, "no gzip", headers);
    expect([broken.status, errorOf(broken)]).toEqual([400, "JSON Parse error: The document is empty"]);
  });

  it("answers classify and regress with results", async () => {
    const body = '{"signature_name":"classify_x_to_y","examples":[{"x":1.0}]}';
    expect((await rest("POST", "/v1/models/half_plus_two:classify", body)).body).toBe(
      '{\n    "results": [[["", 2.5]]\n    ]\n}',
    );
    const regress = '{"signature_name":"regress_x_to_y","context":{"x":2.0},"examples":[{}]}';
    expect((await rest("POST", "/v1/models/half_plus_two:regress", regress)).body).toBe('{\n    "results": [3.0]\n}');
  });

  it("prints the status as protobuf does", async () => {
    expect((await rest("GET", "/v1/models/half_plus_two")).body).toBe(
      `{
 "model_version_status": [
  {
   "version": "1",
   "state": "AVAILABLE",
   "status": {
    "error_code": "OK",
    "error_message": ""
   }
  }
 ]
}
`,
    );
  });

  it("prints the metadata as two documents put together", async () => {
    const { body } = await rest("GET", "/v1/models/half_plus_two/metadata");
    expect(body).toMatch(
      /^\{\n"model_spec":\{\n "name": "half_plus_two",\n "signature_name": "",\n "version": "1"\n\}\n,\n/,
    );
    expect(JSON.parse(body)).toMatchObject({
      metadata: {
        signature_def: {
          signature_def: {
            serving_default: {
              inputs: {
                x: {
                  dtype: "DT_FLOAT",
                  tensor_shape: { dim: [{ size: "-1", name: "" }], unknown_rank: false },
                  name: "x:0",
                },
              },
              method_name: "tensorflow/serving/predict",
              defaults: {},
            },
          },
        },
      },
    });
  });

  it.each<[string, string, string | undefined, number, string]>([
    ["POST", "/v1/models/none:predict", "{}", 404, "Servable not found for request: Latest(none)"],
    ["POST", "/v1/models/none:predict", "{", 400, "JSON Parse error: Missing a name for object member. at offset: 1"],
    ["POST", "/v1/models/sum/versions/9:predict", "{}", 404, "Servable not found for request: Specific(sum, 9)"],
    ["POST", "/v1/models/sum/labels/x:predict", "{}", 400, "Unrecognized servable version label: x"],
    [
      "POST",
      "/v1/models/sum:predict",
      '{"signature_name":"x"}',
      400,
      'Serving signature name: "x" not found in signature def',
    ],
    ["POST", "/v1/models/sum:predict", '{"inputs":{"a":[1]}}', 400, "Missing named input: b in 'inputs' object."],
    [
      "POST",
      "/v1/models/half_plus_two:predict?x=1",
      "{}",
      400,
      "Malformed request: POST /v1/models/half_plus_two:predict?x=1",
    ],
    ["PUT", "/v1/models/sum", undefined, 400, "Malformed request: PUT /v1/models/sum"],
    ["GET", "/v1/models/", undefined, 400, "Malformed request: GET /v1/models/"],
    ["GET", "/v1/models/sum?x", undefined, 404, "Could not find any versions of model sum?x"],
    ["POST", "/v1/models/slow:predict", '{"inputs":[1]}', 504, "Timed out waiting for notification"],
    [
      "POST",
      "/v1/models/sum:predict",
      '{"instances":[{"a":1,"b":2}]}',
      400,
      "Tensor name: count has no shape information ",
    ],
    [
      "POST",
      "/v1/models/echo:predict",
      '{"signature_name":"float16","inputs":[1]}',
      501,
      "Conversion of JSON Value: 1 to type: half",
    ],
    [
      "POST",
      "/v1/models/echo:predict",
      '{"signature_name":"float16","instances":[1]}',
      400,
      "Failed to process element: 0 of 'instances' list. Error: UNIMPLEMENTED: Conversion of JSON Value: 1 to type: half",
    ],
  ])("answers %s %s with %s by %d", async (method, target, body, status, message) => {
    const reply = await rest(method, target, body);
    expect([reply.status, errorOf(reply)]).toEqual([status, message]);
  });

  it("has no list of all models", async () => {
    const reply = await rest("GET", "/v1/models");
    expect([reply.status, errorOf(reply)]).toEqual([400, "Missing model name in request."]);
  });

  it("answers a version beyond int64 with an empty body", async () => {
    const reply = await rest("GET", "/v1/models/sum/versions/99999999999999999999");
    expect([reply.status, reply.body]).toEqual([400, ""]);
  });

  it("answers OPTIONS by whether there is an origin", async () => {
    const withOrigin = await rest("OPTIONS", "/v1/models/sum", undefined, { origin: "http://a" });
    expect([withOrigin.status, withOrigin.body]).toEqual([200, ""]);
    expect((await rest("OPTIONS", "/v1/models/sum")).status).toBe(400);
  });

  it("leaves other paths to the HTTP library", async () => {
    const reply = await rest("GET", "/nothing");
    expect(reply).toMatchObject({ status: 404, headers: { "content-type": "text/html", connection: "close" } });
    expect(reply.body).toContain("<H1>Not Found</H1>");
  });

  it("adds CORS headers to every reply where they are switched on", async () => {
    await using open = await createTestServer({ models: { half_plus_two: halfPlusTwo }, cors: true });
    const reply = await send(open.restAddress, "GET", "/v1/models/none");
    expect(reply.headers).toMatchObject({
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "POST, GET",
    });
  });
});

describe("the metrics page", () => {
  it("counts inference over gRPC and every request over REST", async () => {
    await using counted = await createTestServer({ models: { half_plus_two: halfPlusTwo }, prometheus: true });
    const raw = openRawGrpc(counted.grpcAddress);
    await raw.call("predict", { modelSpec: { name: "half_plus_two" }, inputs: new Map([["x", floats(1)]]) });
    await raw.call("status", { modelSpec: { name: "half_plus_two" } });
    await send(counted.restAddress, "GET", "/v1/models/no%22ne");
    const { headers, body } = await send(counted.restAddress, "GET", "/monitoring/prometheus/metrics");
    raw.close();
    expect(headers["content-type"]).toBe("text/plain");
    const types = [...body.matchAll(/^# TYPE :tensorflow:serving:(\S+) (\S+)$/gm)].map(([, ...parts]) =>
      parts.join(" "),
    );
    expect(types).toEqual([
      "batching_session:input_batch_size histogram",
      "batching_session:padding_size histogram",
      "batching_session:processed_batch_size histogram",
      "batching_session:queuing_latency histogram",
      "batching_session:wrapped_run_count counter",
      "request_count counter",
      "request_latency histogram",
      "runtime_latency histogram",
    ]);
    expect(body).not.toContain("batching_session:input_batch_size_count");
    expect(body).toContain(':tensorflow:serving:request_count{model_name="half_plus_two",status="OK"} 1\n');
    expect(body).toContain(':tensorflow:serving:request_count{model_name="no\\"ne",status="NOT_FOUND"} 1\n');
    const labels = 'model_name="half_plus_two",API="Predict",entrypoint="GRPC"';
    expect(body).toContain(`:tensorflow:serving:request_latency_bucket{${labels},le="32.4"} `);
    expect(body).toContain(`:tensorflow:serving:request_latency_bucket{${labels},le="1.47476e+09"} 1\n`);
    expect(body).toContain(`:tensorflow:serving:request_latency_bucket{${labels},le="+Inf"} 1\n`);
    expect(body).not.toContain("# HELP");
    expect(body.endsWith("\n")).toBe(true);
  });

  it("counts rows and runs where it batches, each request being a batch of its own", async () => {
    const options = { models: { half_plus_two: halfPlusTwo }, prometheus: true, batching: {} };
    await using counted = await createTestServer(options);
    for (const x of ["[1]", "[1, 2, 3]"]) {
      await send(counted.restAddress, "POST", "/v1/models/half_plus_two:predict", {
        body: `{"instances": ${x}}`,
      });
    }
    const { body } = await send(counted.restAddress, "GET", "/monitoring/prometheus/metrics");
    const lines = body.split("\n").filter((line) => line.startsWith(":tensorflow:serving:batching_session:"));
    const named = (name: string) =>
      lines.filter((line) => line.startsWith(`:tensorflow:serving:batching_session:${name}`));
    expect(named("wrapped_run_count")).toEqual([":tensorflow:serving:batching_session:wrapped_run_count{} 2"]);
    for (const name of ["input_batch_size", "processed_batch_size"]) {
      expect(named(name).slice(0, 4)).toEqual([
        `:tensorflow:serving:batching_session:${name}_bucket{le="1"} 0`,
        `:tensorflow:serving:batching_session:${name}_bucket{le="2"} 1`,
        `:tensorflow:serving:batching_session:${name}_bucket{le="4"} 2`,
        `:tensorflow:serving:batching_session:${name}_bucket{le="8"} 2`,
      ]);
      expect(named(name).slice(-3)).toEqual([
        `:tensorflow:serving:batching_session:${name}_bucket{le="+Inf"} 2`,
        `:tensorflow:serving:batching_session:${name}_sum{} 4`,
        `:tensorflow:serving:batching_session:${name}_count{} 2`,
      ]);
    }
    expect(named('padding_size_sum{execution_batch_size="3"} 0')).toHaveLength(1);
    expect(named('queuing_latency_bucket{thread_pool_name="",le="120"}')).toHaveLength(1);
    expect(named('queuing_latency_count{thread_pool_name=""} 2')).toHaveLength(1);
  });

  it("takes its own path exactly", async () => {
    const reply = await rest("GET", "/monitoring/prometheus/metrics?x");
    expect([reply.status, reply.body]).toEqual([
      400,
      "Unexpected path: /monitoring/prometheus/metrics?x. Should be /monitoring/prometheus/metrics",
    ]);
  });
});

describe("TestServer", () => {
  it("remembers what was called, without payloads", async () => {
    await server.reset();
    await grpc.call(
      "predict",
      { modelSpec: { name: "half_plus_two" }, inputs: new Map([["x", floats(1, 2)]]), outputFilter: ["y"] },
      { headers: { "x-request-id": "7" } },
    );
    await rest("GET", "/v1/models/none/versions/3");
    expect(server.calls).toEqual([
      {
        wire: "grpc",
        operation: "predict",
        model: "half_plus_two",
        version: undefined,
        versionLabel: undefined,
        signatureName: "",
        headers: expect.objectContaining({ "x-request-id": "7" }),
        request: { inputs: { x: { dtype: "float32", shape: [2] } }, outputFilter: ["y"] },
        code: "OK",
        servedVersion: 1,
      },
      expect.objectContaining({
        wire: "rest",
        operation: "getModelStatus",
        model: "none",
        version: 3,
        code: "NOT_FOUND",
      }),
    ]);
  });

  it("reloads over gRPC, from the disk it was given", async () => {
    await server.reset();
    const config = (name: string, basePath: string) => ({
      config: {
        config: { $case: "modelConfigList", value: { config: [{ name, basePath, modelPlatform: "tensorflow" }] } },
      },
    });
    await grpc.call("reload", config("three", "/spare/three"));
    expect((await rest("POST", "/v1/models/three:predict", '{"inputs":[2]}')).status).toBe(200);
    expect((await grpc.call("status", { modelSpec: { name: "sum" } })).modelVersionStatus[0]?.state).toBe(50);

    const late = grpc.call("reload", config("late", "/spare/late"), { timeoutMs: 30 });
    expect((await failure(late)).code).toBe(DEADLINE_EXCEEDED);
    // The server goes on waiting, and this reload waits behind it until the path is there.
    const next = grpc.call("reload", config("three", "/spare/three"));
    server.addVersion("/spare/late", 1, halfPlusTwo.versions[1] as never);
    await next;
    await server.reset();
    expect((await grpc.call("status", { modelSpec: { name: "sum" } })).modelVersionStatus[0]?.state).toBe(30);
  });

  it.each<[string, object, string]>([
    ["an empty configuration", {}, "ServerModelConfig type not supported by HandleReloadConfigRequest."],
    [
      "a custom configuration",
      { config: { config: { $case: "customModelConfig", value: {} } } },
      "ServerModelConfig type not supported by HandleReloadConfigRequest.",
    ],
  ])("refuses %s", async (_, request, text) => {
    const { code, details } = await failure(grpc.call("reload", request));
    expect([code, details]).toEqual([INVALID_ARGUMENT, expect.stringContaining(text)]);
  });

  it("swaps versions while it runs", async () => {
    await server.reset();
    server.addVersion("half_plus_two", 2, halfPlusTwo.versions[1] as never);
    const reply = await predict("half_plus_two", { x: floats(1) });
    expect(reply.modelSpec?.versionChoice).toEqual({ $case: "version", value: 2n });
    expect(server.removeVersion("half_plus_two", 2)).toBe(true);
    expect(server.removeVersion("half_plus_two", 2)).toBe(false);
    const back = await predict("half_plus_two", { x: floats(1) });
    expect(back.modelSpec?.versionChoice).toEqual({ $case: "version", value: 1n });
  });

  it("does not start where a model does not load", async () => {
    const broken = { versions: { 1: { signatures: {}, load: () => Promise.reject(new Error("no graph")) } } };
    await expect(createTestServer({ models: { broken } })).rejects.toThrow("1 model(s) did not become available");
    await expect(createTestServer({ models: { none: { versions: {} } } })).rejects.toThrow(
      'model "none" has no versions',
    );
  });

  it("leaves the gRPC port when the REST port is taken", async () => {
    const restPort = Number(new URL(server.restAddress).port);
    await expect(createTestServer({ models: {}, restPort })).rejects.toThrow("EADDRINUSE");
  });

  it("ends calls under way and every connection when it is closed, once", async () => {
    let arrived = (): void => {};
    const bothArrived = new Promise<void>((resolve) => {
      let waiting = 2;
      arrived = () => {
        waiting--;
        if (waiting === 0) resolve();
      };
    });
    const predict = () => {
      arrived();
      return new Promise<never>(() => {});
    };
    const signatures = { serving_default: { inputs: { x: float }, outputs: { y: float } } };
    const closing = await createTestServer({ models: { stuck: { versions: { 1: { signatures, predict } } } } });
    const raw = openRawGrpc(closing.grpcAddress);
    const inputs = new Map([["x", floats(1)]]);
    const overGrpc = failure(raw.call("predict", { modelSpec: { name: "stuck" }, inputs }));
    const overRest = send(closing.restAddress, "POST", "/v1/models/stuck:predict", { body: '{"inputs":[1]}' }).then(
      () => "answered",
      () => "cut",
    );
    await bothArrived;
    await Promise.all([closing.close(), closing.close()]);
    expect(await overRest).toBe("cut");
    expect([1, 14]).toContain((await overGrpc).code);
    raw.close();
  });
});
