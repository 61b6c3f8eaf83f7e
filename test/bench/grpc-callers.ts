import { fileURLToPath } from "node:url";
import { Client, credentials, loadPackageDefinition, Metadata, type ServiceClientConstructor } from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { tensor } from "tfserving";
import { createGrpcClient } from "tfserving/grpc";
import type { Caller } from "./load.ts";
import { contentMessage, deserializeResponse, floatValMessage, serializeRequest } from "./ts-proto.ts";

const PATH = "/tensorflow.serving.PredictionService/Predict";
const TIMEOUT_MS = 30_000;

/** What is called: the array to send, and the reply to ask for. */
export interface Work {
  readonly values: Float32Array;
  readonly shape: readonly number[];
  readonly reply: "small" | "scores" | "image";
}

export const GRPC_CALLERS = {
  ours: "tfserving",
  floatVal: "ts-proto + grpc-js, float_val",
  content: "ts-proto + grpc-js, tensor_content",
  loader: "proto-loader + grpc-js",
  bytes: "grpc-js, ready-made bytes",
} as const;

/** Everybody sets a deadline, as our client does. The others keep the settings that grpc-js has by itself. */
export function grpcCallers(
  port: number,
  { values, shape, reply }: Work,
): { callers: Caller[]; close(): Promise<void> } {
  const address = `127.0.0.1:${port}`;
  const client = createGrpcClient(`grpc://${address}`, { timeoutMs: TIMEOUT_MS, headers: { reply } });
  const limits = { "grpc.max_receive_message_length": -1, "grpc.use_local_subchannel_pool": 1 };
  const stub = new Client(address, credentials.createInsecure(), limits);
  const metadata = new Metadata();
  metadata.set("reply", reply);
  const unary = <Q, R>(serialize: (message: Q) => Buffer, deserialize: (bytes: Buffer) => R, message: Q): Promise<R> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + TIMEOUT_MS;
      stub.makeUnaryRequest(PATH, serialize, deserialize, message, metadata, { deadline }, (error, answer) =>
        error === null ? resolve(answer as R) : reject(error),
      );
    });

  const loaded = loadPackageDefinition(
    loadSync("tensorflow_serving/apis/prediction_service.proto", {
      includeDirs: [fileURLToPath(new URL("../../protos", import.meta.url))],
      keepCase: true,
      longs: Number,
    }),
  ) as unknown as { tensorflow: { serving: { PredictionService: ServiceClientConstructor } } };
  const service = new loaded.tensorflow.serving.PredictionService(address, credentials.createInsecure(), limits);
  const dim = shape.map((size) => ({ size }));

  const ready = serializeRequest(contentMessage(values, shape));
  const callers: Caller[] = [
    {
      name: GRPC_CALLERS.ours,
      call: () =>
        client.predict({
          model: "resnet",
          signatureName: "serving_default",
          inputs: { images: tensor.float32(values, shape) },
        }),
    },
    {
      name: GRPC_CALLERS.floatVal,
      call: () => unary(serializeRequest, deserializeResponse, floatValMessage(values, shape)),
    },
    {
      name: GRPC_CALLERS.content,
      call: () => unary(serializeRequest, deserializeResponse, contentMessage(values, shape)),
    },
    {
      name: GRPC_CALLERS.loader,
      call: () =>
        new Promise((resolve, reject) => {
          const message = {
            model_spec: { name: "resnet", signature_name: "serving_default" },
            inputs: { images: { dtype: "DT_FLOAT", tensor_shape: { dim }, float_val: Array.from(values) } },
          };
          service["Predict"]!(
            message,
            metadata,
            { deadline: Date.now() + TIMEOUT_MS },
            (error: unknown, answer: unknown) => (error === null ? resolve(answer) : reject(error)),
          );
        }),
    },
    {
      name: GRPC_CALLERS.bytes,
      call: () => unary(same, same, ready),
    },
  ];
  return {
    callers,
    async close() {
      stub.close();
      service.close();
      await client.close();
    },
  };
}

function same(bytes: Buffer): Buffer {
  return bytes;
}
