import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { PredictRequest } from "#generated/tensorflow_serving/apis/predict.ts";
import { replyBytes, toShape } from "./ts-proto.ts";

/**
 * A server of one model that takes 2 ms and 0.02 ms for each row, one request at a time, as a small model on one device
 * does. It answers every row with the row's own first number.
 */
const FIXED_MS = 2;
const ROW_MS = 0.02;
/** A timer is late by up to this; the rest is waited for turn by turn. */
const TIMER_MS = 1.5;

const service: ServiceDefinition = {
  predict: {
    path: "/tensorflow.serving.PredictionService/Predict",
    requestStream: false,
    responseStream: false,
    requestSerialize: (bytes: Buffer) => bytes,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (bytes: Buffer) => bytes,
    responseDeserialize: (bytes: Buffer) => bytes,
  },
};

/** When the request before is answered. */
let free = Promise.resolve();

const server = new Server({ "grpc.max_receive_message_length": -1 });
server.addService(service, {
  predict: ({ request }: { request: Buffer }, done: (error: null, reply: Buffer) => void) => {
    free = free.then(async () => done(null, await answer(request)));
  },
} as never);

server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  process.send!({ port });
});
process.once("disconnect", () => process.exit());

async function answer(request: Buffer): Promise<Buffer> {
  const startedAt = performance.now();
  const tensor = PredictRequest.decode(request).inputs.get("x")!;
  const [rows, width] = tensor.tensorShape!.dim.map(({ size }) => Number(size)) as [number, number];
  await until(startedAt + FIXED_MS + ROW_MS * rows);
  const { buffer, byteOffset, byteLength } = tensor.tensorContent;
  const values = new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer);
  const firsts = Float32Array.from({ length: rows }, (_, row) => values[row * width]!);
  const tensorContent = Buffer.from(firsts.buffer);
  return replyBytes({ dtype: tensor.dtype, tensorShape: toShape([rows]), tensorContent });
}

async function until(moment: number): Promise<void> {
  const rest = moment - performance.now();
  if (rest > TIMER_MS) await new Promise((resolve) => setTimeout(resolve, rest - TIMER_MS));
  while (performance.now() < moment) await new Promise((resolve) => setImmediate(resolve));
}
