import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { GetModelMetadataResponse, SignatureDefMap } from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { GetModelStatusResponse } from "#generated/tensorflow_serving/apis/get_model_status.ts";
import type { Http1Exchange } from "../lab/http1-server.ts";
import type { Http2Stream } from "../lab/http2-server.ts";
import { grpcReply, restReply } from "../lab/replies.ts";

/** The model of raw servers: its requests carry the number of a call. */
export const MODEL = "call-7";
const CALL = 7;

/** What a server that is well says to each of the three requests of a health check. */
export function answerRight(target: Http2Stream | Http1Exchange): void {
  if ("head" in target && typeof target.head === "string") answerRest(target as Http1Exchange);
  else answerGrpc(target as Http2Stream);
}

function answerRest(exchange: Http1Exchange): void {
  const [line = ""] = exchange.head.split("\r\n", 1);
  if (line.includes(":predict")) exchange.reply(200, restReply(CALL));
  else exchange.reply(200, line.includes("/metadata") ? REST_METADATA : REST_STATUS);
}

/** Told apart by what is in them: the path of a stream is compressed. */
function answerGrpc(stream: Http2Stream): void {
  if (stream.text.includes("signature_def")) stream.answer(GRPC_METADATA);
  else if (stream.text.includes("\n\u0001x")) stream.answer(grpcReply(CALL));
  else stream.answer(GRPC_STATUS);
}

const REST_STATUS = JSON.stringify({
  model_version_status: [{ version: "1", state: "AVAILABLE", status: { error_code: "OK", error_message: "" } }],
});

const info = (name: string) => ({
  dtype: "DT_FLOAT",
  tensor_shape: { dim: [{ size: "-1", name: "" }], unknown_rank: false },
  name: `${name}:0`,
});

const REST_METADATA = JSON.stringify({
  model_spec: { name: MODEL, signature_name: "", version: "1" },
  metadata: {
    signature_def: {
      signature_def: {
        serving_default: {
          inputs: { x: info("x") },
          outputs: { x: info("y") },
          method_name: "tensorflow/serving/predict",
        },
      },
    },
  },
});

const GRPC_STATUS = encode(GetModelStatusResponse, {
  modelVersionStatus: [{ version: 1n, state: 30, status: { errorCode: 0, errorMessage: "" } }],
});

const GRPC_METADATA = metadata();

function metadata(): Buffer {
  const tensor = (name: string) => ({
    encoding: { $case: "name", value: `${name}:0` },
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim: [{ size: -1n, name: "" }], unknownRank: false },
  });
  const signature = {
    inputs: new Map([["x", tensor("x")]]),
    outputs: new Map([["x", tensor("y")]]),
    methodName: "tensorflow/serving/predict",
  };
  const value = encode(SignatureDefMap, { signatureDef: new Map([["serving_default", signature]]) });
  const packed = { typeUrl: "type.googleapis.com/tensorflow.serving.SignatureDefMap", value };
  const modelSpec = { name: MODEL, versionChoice: { $case: "version", value: 1n }, signatureName: "" };
  return encode(GetModelMetadataResponse, { modelSpec, metadata: new Map([["signature_def", packed]]) });
}

interface MessageType<T> {
  fromPartial(partial: never): T;
  encode(message: T): { finish(): Uint8Array };
}

function encode<T>(type: MessageType<T>, partial: object): Buffer {
  return Buffer.from(type.encode(type.fromPartial(partial as never)).finish());
}
