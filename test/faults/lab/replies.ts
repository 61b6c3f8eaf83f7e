import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { DataType } from "#generated/tensorflow/core/framework/types.ts";
import { PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import { modelOf } from "./arrivals.ts";

/** The right answer to a call, as a gRPC message: its number back. */
export function grpcReply(call: number): Buffer {
  return grpcOutputs(call, {
    dtype: DataType.DT_FLOAT,
    tensorShape: { dim: [{ size: 1n }] },
    floatVal: [call],
  });
}

/** A reply whose one output is this tensor, whatever it says. */
export function grpcOutputs(call: number, tensor: Parameters<typeof TensorProto.fromPartial>[0]): Buffer {
  const modelSpec = {
    name: modelOf(call),
    versionChoice: { $case: "version", value: 1n } as const,
    signatureName: "serving_default",
  };
  const outputs = new Map([["x", TensorProto.fromPartial(tensor)]]);
  return Buffer.from(PredictResponse.encode({ modelSpec, outputs }).finish());
}

/** The right answer to a call, as a REST body. */
export function restReply(call: number): string {
  return `{"outputs": [${call}.0]}`;
}

/** A message as gRPC frames it: a flag, four bytes of length. `promised` may say something else. */
export function grpcMessage(message: Uint8Array, compressed = false, promised = message.length): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(promised, 1);
  return Buffer.concat([head, message]);
}
