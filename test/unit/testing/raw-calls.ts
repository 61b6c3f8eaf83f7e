import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { ClassificationRequest, ClassificationResponse } from "#generated/tensorflow_serving/apis/classification.ts";
import {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
import { GetModelStatusRequest, GetModelStatusResponse } from "#generated/tensorflow_serving/apis/get_model_status.ts";
import { MultiInferenceRequest, MultiInferenceResponse } from "#generated/tensorflow_serving/apis/inference.ts";
import { ReloadConfigRequest, ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
import { PredictRequest, PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import { RegressionRequest, RegressionResponse } from "#generated/tensorflow_serving/apis/regression.ts";

interface MessageType<T> {
  encode(message: T): { finish(): Uint8Array };
  decode(bytes: Uint8Array): T;
  fromPartial(partial: never): T;
}

const METHODS = {
  predict: ["PredictionService/Predict", PredictRequest, PredictResponse],
  classify: ["PredictionService/Classify", ClassificationRequest, ClassificationResponse],
  regress: ["PredictionService/Regress", RegressionRequest, RegressionResponse],
  multiInference: ["PredictionService/MultiInference", MultiInferenceRequest, MultiInferenceResponse],
  metadata: ["PredictionService/GetModelMetadata", GetModelMetadataRequest, GetModelMetadataResponse],
  status: ["ModelService/GetModelStatus", GetModelStatusRequest, GetModelStatusResponse],
  reload: ["ModelService/HandleReloadConfigRequest", ReloadConfigRequest, ReloadConfigResponse],
} as const;

type Methods = typeof METHODS;
type ResponseOf<M extends keyof Methods> = Methods[M][2] extends { decode(bytes: Uint8Array): infer R } ? R : never;

/** Calls of generated messages, without anything of the library's own client. */
export interface RawGrpc {
  call<M extends keyof Methods>(method: M, request: object, options?: RawOptions): Promise<ResponseOf<M>>;
  bytes(path: string, message: Uint8Array): Promise<Uint8Array>;
  close(): void;
}

interface RawOptions {
  readonly timeoutMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export function openRawGrpc(address: string): RawGrpc {
  const client = new Client(address.replace("grpc://", ""), credentials.createInsecure(), {
    "grpc.max_receive_message_length": -1,
  });
  const send = (path: string, message: Uint8Array, { timeoutMs, headers = {} }: RawOptions = {}) =>
    new Promise<Uint8Array>((resolve, reject) => {
      const metadata = new Metadata();
      for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
      client.makeUnaryRequest(
        path,
        (bytes: Uint8Array) => Buffer.from(bytes),
        (bytes: Buffer) => bytes,
        message,
        metadata,
        timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs },
        (error, reply) => (error ? reject(error) : resolve(reply as Uint8Array)),
      );
    });
  return {
    async call(method, request, options) {
      const [path, requestType, responseType] = METHODS[method];
      const type = requestType as unknown as MessageType<unknown>;
      const message = type.encode(type.fromPartial(request as never)).finish();
      const reply = await send(`/tensorflow.serving.${path}`, message, options);
      return (responseType as unknown as MessageType<unknown>).decode(reply) as never;
    },
    bytes: send,
    close: () => client.close(),
  };
}

/** The status a gRPC call failed with. */
export async function failure(call: Promise<unknown>): Promise<{ code: number; details: string }> {
  const error = await call.then(
    () => {
      throw new Error("the call did not fail");
    },
    (thrown: ServiceError) => thrown,
  );
  return { code: error.code, details: error.details };
}

export interface RawReply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** One HTTP request with its target as given: a client of the platform would tidy it up. */
export function send(
  address: string,
  method: string,
  target: string,
  { body, headers = {} }: { body?: string | Uint8Array; headers?: Readonly<Record<string, string>> } = {},
): Promise<RawReply> {
  const { hostname, port } = new URL(address);
  return new Promise((resolve, reject) => {
    const request = httpRequest({ hostname, port, method, path: target, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("error", reject);
      response.on("end", () => {
        const { statusCode = 0, headers } = response;
        resolve({ status: statusCode, headers, body: Buffer.concat(chunks).toString() });
      });
    });
    request.on("error", reject);
    request.end(body);
  });
}

/** The text of a REST error. */
export function errorOf(reply: RawReply): string {
  return (JSON.parse(reply.body) as { error: string }).error;
}

/** `x` as a float32 tensor of one axis, in a partial message. */
export function floats(...values: number[]): object {
  return { dtype: 1, tensorShape: { dim: [{ size: BigInt(values.length) }] }, floatVal: values };
}
