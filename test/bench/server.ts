import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, ServerCredentials, type ServiceDefinition } from "@grpc/grpc-js";
import { jsonReply } from "./json.ts";
import { IMAGE_SHAPE, IMAGE_SIZE, randomFloats } from "./tensors.ts";
import { floatReply } from "./ts-proto.ts";

/**
 * A server that does next to nothing, so that the client is what is measured: it knows the reply before it is asked.
 * Which one, the path of a REST call says and the metadata `reply` of a gRPC one.
 */

/** About this much on the wire, and a little less than 64 MiB, the limit that clients have by default. */
const LARGE_BYTES = (64 << 20) - 4096;
const LARGE_FLOATS = LARGE_BYTES / 4 - 64;

const GRPC_REPLIES: Readonly<Record<string, () => Buffer>> = {
  small: once(() => floatReply(randomFloats(10), [1, 10])),
  scores: once(() => floatReply(randomFloats(1000), [1, 1000])),
  image: once(() => floatReply(randomFloats(IMAGE_SIZE), IMAGE_SHAPE)),
  large: once(() => floatReply(randomFloats(LARGE_FLOATS), [LARGE_FLOATS])),
};

const REST_REPLIES: Readonly<Record<string, () => Buffer>> = {
  small: once(() => jsonReply(randomFloats(10), [1, 10])),
  scores: once(() => jsonReply(randomFloats(1000), [1, 1000])),
  image: once(() => jsonReply(randomFloats(IMAGE_SIZE), IMAGE_SHAPE)),
  large: once(largeJson),
};

/** Nested lists up to {@link LARGE_BYTES}. */
function largeJson(): Buffer {
  const row = jsonReply(randomFloats(1000), [1000])
    .toString()
    .match(/\[.*\]/s)![0];
  const rows = Math.floor((LARGE_BYTES - 64) / (row.length + 1));
  return Buffer.from(`{\n    "outputs": [${Array.from({ length: rows }, () => row).join(",")}]\n}`);
}

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

const grpc = new Server({
  "grpc.max_receive_message_length": -1,
  "grpc.max_send_message_length": -1,
  "grpc-node.flow_control_window": 4 << 20,
});
grpc.addService(service, {
  predict: (call: { metadata: { get(name: string): unknown[] } }, done: (error: null, reply: Buffer) => void) =>
    done(null, GRPC_REPLIES[String(call.metadata.get("reply")[0])]!()),
} as never);

const http = createServer((request, response) => {
  request.resume();
  request.on("end", () => {
    const body = REST_REPLIES[request.url!.match(/models\/(\w+):predict$/)![1]!]!();
    response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
    response.end(body);
  });
});
http.keepAliveTimeout = 60_000;

const grpcPort = await new Promise<number>((resolve, reject) => {
  grpc.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
    error ? reject(error) : resolve(port),
  );
});
await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
process.send!({ grpcPort, httpPort: (http.address() as AddressInfo).port });
process.once("disconnect", () => process.exit());

function once(make: () => Buffer): () => Buffer {
  let made: Buffer | undefined;
  return () => (made ??= make());
}
