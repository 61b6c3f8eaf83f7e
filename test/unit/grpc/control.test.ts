import { describe, expect, it } from "vitest";
import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { SignatureDef, TensorInfo } from "#generated/tensorflow/core/protobuf/meta_graph.ts";
import {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
  SignatureDefMap,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { GetModelStatusRequest, GetModelStatusResponse } from "#generated/tensorflow_serving/apis/get_model_status.ts";
import { ReloadConfigRequest, ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
import { modelMetadataCodec } from "../../../src/grpc/model-metadata.ts";
import { modelStatusCodec } from "../../../src/grpc/model-status.ts";
import { reloadConfigCodec } from "../../../src/grpc/reload-config.ts";

const LIMITS = { maxMessageBytes: 1 << 20 };

describe("modelStatusCodec", () => {
  it("asks for a model and a version", () => {
    const bytes = modelStatusCodec.encode({ model: "m", version: 3 }) as Buffer;
    expect(GetModelStatusRequest.decode(bytes).modelSpec).toEqual({
      name: "m",
      versionChoice: { $case: "version", value: 3n },
      signatureName: "",
    });
  });

  it("reads states by name and errors only where there are some", () => {
    const bytes = GetModelStatusResponse.encode({
      modelVersionStatus: [
        { version: 2n ** 60n, state: 30, status: { errorCode: 0, errorMessage: "" } },
        { version: 1n, state: 50, status: { errorCode: 5, errorMessage: "gone\n\u001b[31m" } },
        { version: 0n, state: 77 as never, status: undefined },
        { version: 3n, state: 20, status: { errorCode: 99 as never, errorMessage: "odd" } },
      ],
    }).finish();
    expect(modelStatusCodec.decode(Buffer.from(bytes), { model: "m" }, LIMITS)).toEqual({
      versions: [
        { version: 2n ** 60n, state: "AVAILABLE" },
        { version: 1, state: "END", error: { code: "NOT_FOUND", message: "gone\\x0a\\x1b[31m" } },
        { version: 0, state: "UNKNOWN" },
        { version: 3, state: "LOADING", error: { code: "UNKNOWN", message: "odd" } },
      ],
    });
  });

  it("refuses a reply of millions of empty entries before it makes an object of each", () => {
    const bytes = Buffer.alloc(5 << 20);
    for (let at = 0; at < bytes.length; at += 2) bytes[at] = 10;
    expect(() => modelStatusCodec.decode(bytes, { model: "m" }, LIMITS)).toThrow(
      "[RESOURCE_EXHAUSTED] GetModelStatusResponse: has 5242880 bytes, the limit for a control message is 524288",
    );
  });

  it("says which message could not be read", () => {
    expect(() => modelStatusCodec.decode(Buffer.from([10, 200]), { model: "m" }, LIMITS)).toThrow(
      /^\[INTERNAL\] GetModelStatusResponse: /,
    );
  });
});

describe("modelMetadataCodec", () => {
  const decode = (typeUrl: string, definitions: ReadonlyMap<string, SignatureDef>, key = "signature_def") => {
    const value = SignatureDefMap.encode({ signatureDef: new Map(definitions) }).finish();
    const bytes = GetModelMetadataResponse.encode({
      modelSpec: { name: "m", versionChoice: { $case: "version", value: 1n }, signatureName: "" },
      metadata: new Map([[key, { typeUrl, value }]]),
    }).finish();
    return modelMetadataCodec.decode(Buffer.from(bytes), { model: "m" }, LIMITS);
  };
  const URL = "type.googleapis.com/tensorflow.serving.SignatureDefMap";
  const definition = SignatureDef.fromPartial({
    methodName: "tensorflow/serving/predict",
    inputs: new Map([
      [
        "x",
        TensorInfo.fromPartial({
          encoding: { $case: "name", value: "x:0" },
          dtype: 1,
          tensorShape: { dim: [{ size: -1n }, { size: 3n }] },
        }),
      ],
      ["__proto__", TensorInfo.fromPartial({ dtype: 20, tensorShape: { unknownRank: true } })],
    ]),
    outputs: new Map([["y", TensorInfo.fromPartial({ dtype: 250 as never })]]),
    defaults: new Map([["x", TensorProto.fromPartial({ dtype: 1 })]]),
  });

  it("asks for signature_def", () => {
    const read = GetModelMetadataRequest.decode(modelMetadataCodec.encode({ model: "m", versionLabel: "a" }) as Buffer);
    expect(read.metadataField).toEqual(["signature_def"]);
    expect(read.modelSpec?.versionChoice).toEqual({ $case: "versionLabel", value: "a" });
  });

  it("unpacks signatures, with the names of dtypes and without prototypes", () => {
    const { signatures, modelSpec } = decode(URL, new Map([["serving_default", definition]]));
    expect(modelSpec).toEqual({ name: "m", version: 1 });
    const signature = signatures["serving_default"];
    expect(signature?.methodName).toBe("tensorflow/serving/predict");
    expect(Object.entries(signature?.inputs ?? {})).toEqual([
      ["x", { dtype: "float32", shape: [-1, 3], tensorName: "x:0" }],
      ["__proto__", { dtype: "DT_RESOURCE", shape: null, tensorName: "" }],
    ]);
    expect(Object.entries(signature?.outputs ?? {})).toEqual([
      ["y", { dtype: "DataType 250", shape: null, tensorName: "" }],
    ]);
    expect(signature?.defaults).toEqual(["x"]);
    for (const record of [signatures, signature?.inputs, signature?.outputs]) {
      expect(Object.getPrototypeOf(record)).toBeNull();
    }
  });

  it("has no defaults where the server has none", () => {
    const { signatures } = decode(URL, new Map([["s", SignatureDef.fromPartial({})]]));
    expect(signatures["s"]).not.toHaveProperty("defaults");
  });

  it("refuses another type in the Any, and a reply without it", () => {
    expect(() => decode("type.googleapis.com/evil.Type", new Map())).toThrow(
      'signature_def: holds a "type.googleapis.com/evil.Type", expected a tensorflow.serving.SignatureDefMap',
    );
    expect(() => decode(URL, new Map(), "other")).toThrow('GetModelMetadataResponse: has no metadata "signature_def"');
  });

  it("refuses a length below -1", () => {
    const odd = SignatureDef.fromPartial({
      inputs: new Map([["x", TensorInfo.fromPartial({ dtype: 1, tensorShape: { dim: [{ size: -5n }] } })]]),
    });
    expect(() => decode(URL, new Map([["s", odd]]))).toThrow(
      'GetModelMetadataResponse: signature_def["s"].inputs["x"].tensor_shape.dim[0]: -5 is no length',
    );
  });
});

describe("reloadConfigCodec", () => {
  const encode = (models: Parameters<typeof reloadConfigCodec.encode>[0]["config"]["models"]) => {
    const { config } = ReloadConfigRequest.decode(reloadConfigCodec.encode({ config: { models } }) as Buffer);
    return config?.config?.$case === "modelConfigList" ? config.config.value.config : undefined;
  };

  it("fills in the platform, without which the server is poisoned", () => {
    expect(encode([{ name: "m", basePath: "/models/m" }])?.[0]).toMatchObject({
      name: "m",
      basePath: "/models/m",
      modelPlatform: "tensorflow",
      modelVersionPolicy: undefined,
    });
  });

  it("writes policies and labels", () => {
    const models = encode([
      { name: "a", basePath: "/a", versionPolicy: "all" },
      { name: "b", basePath: "/b", versionPolicy: { latest: 2 } },
      { name: "c", basePath: "/c", versionPolicy: { specific: [46, 47n] }, versionLabels: { stable: 46, canary: 47n } },
    ]);
    expect(models?.map((model) => model.modelVersionPolicy?.policyChoice)).toEqual([
      { $case: "all", value: {} },
      { $case: "latest", value: { numVersions: 2 } },
      { $case: "specific", value: { versions: [46n, 47n] } },
    ]);
    expect([...(models?.[2]?.versionLabels ?? [])]).toEqual([
      ["stable", 46n],
      ["canary", 47n],
    ]);
  });

  it("sends an empty list as a list: it unloads everything", () => {
    expect(encode([])).toEqual([]);
  });

  it("returns nothing, and throws what the reply itself reports", () => {
    const reply = (errorCode: number, errorMessage: string) =>
      Buffer.from(
        ReloadConfigResponse.encode({ status: { errorCode: errorCode as never, errorMessage }, metric: [] }).finish(),
      );
    const request = { config: { models: [] } };
    expect(reloadConfigCodec.decode(reply(0, ""), request, LIMITS)).toEqual({});
    expect(() => reloadConfigCodec.decode(reply(3, "bad"), request, LIMITS)).toThrow("[INVALID_ARGUMENT] bad");
  });
});
