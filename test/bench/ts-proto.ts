import type { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictRequest, PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";

/** What a user of ts-proto writes. The generated code is this project's own: int64 as bigint, maps as Map. */

/** The values of a tensor as `number[]`, which is what the message has for `float_val`. */
export function floatValMessage(values: Float32Array, shape: readonly number[]): PredictRequest {
  return requestWith({ dtype: DataType.DT_FLOAT, tensorShape: toShape(shape), floatVal: Array.from(values) });
}

/** The values of a tensor as bytes, for those who know that the server takes them. */
export function contentMessage(values: Float32Array, shape: readonly number[]): PredictRequest {
  const tensorContent = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return requestWith({ dtype: DataType.DT_FLOAT, tensorShape: toShape(shape), tensorContent });
}

/** As every stub for grpc-js does it. */
export function serializeRequest(message: PredictRequest): Buffer {
  return Buffer.from(PredictRequest.encode(message).finish());
}

export function deserializeResponse(bytes: Buffer): PredictResponse {
  return PredictResponse.decode(bytes);
}

/** A reply as the server sends one, where grpc-js leaves it: at offset 5 of a buffer of its own. */
export function replyBytes(tensor: Parameters<typeof TensorProto.fromPartial>[0]): Buffer {
  const outputs = new Map([["scores", tensor]]) as never;
  const modelSpec = {
    name: "resnet",
    versionChoice: { $case: "version", value: 1n },
    signatureName: "serving_default",
  };
  const bytes = PredictResponse.encode(PredictResponse.fromPartial({ modelSpec, outputs } as never)).finish();
  const frame = Buffer.alloc(bytes.length + 5);
  frame.set(bytes, 5);
  return frame.subarray(5);
}

/** A reply with `float_val`, which is what the server answers with unless it is told otherwise. */
export function floatReply(values: Float32Array, shape: readonly number[]): Buffer {
  return replyBytes({ dtype: DataType.DT_FLOAT, tensorShape: toShape(shape), floatVal: Array.from(values) });
}

/** The same reply in memory of its own, five bytes for gRPC's frame in front of it. */
export function copyFrame(reply: Buffer): Buffer {
  return Buffer.from(reply.buffer.slice(0), reply.byteOffset, reply.length);
}

export function toShape(shape: readonly number[]) {
  return { dim: shape.map((length) => ({ size: BigInt(length), name: "" })), unknownRank: false };
}

function requestWith(tensor: object): PredictRequest {
  return PredictRequest.fromPartial({
    modelSpec: { name: "resnet", signatureName: "serving_default" },
    inputs: new Map([["images", tensor]]),
  } as never);
}
