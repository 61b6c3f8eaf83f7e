import http2 from "node:http2";
import type net from "node:net";
import { gzipSync } from "node:zlib";
import { onTestFinished } from "vitest";
import { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
import { PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
import type { Transport } from "../../../src/contract/transport.ts";
import type { ServingError } from "../../../src/errors/serving-error.ts";
import type { GrpcTransportOptions } from "../../../src/grpc/options.ts";
import { createGrpcTransport } from "../../../src/grpc/transport.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";

/** One request as a bare HTTP/2 server saw it. */
export interface Received {
  readonly headers: http2.IncomingHttpHeaders;
  /** The message's flag byte and its bytes, five bytes of head taken off. */
  readonly compressed: boolean;
  readonly message: Buffer;
}

export type Handler = (stream: http2.ServerHttp2Stream, received: Received) => void;

export interface Peer {
  readonly port: number;
  readonly received: Received[];
  /** Connections made so far. */
  readonly connections: () => number;
  readonly sessions: Set<http2.ServerHttp2Session>;
}

/** A bare HTTP/2 server, so that every byte of an answer is the test's own. Ends with the test. */
export async function openPeer(handler: Handler, tls?: http2.SecureServerOptions): Promise<Peer> {
  const server = tls === undefined ? http2.createServer() : http2.createSecureServer(tls);
  const received: Received[] = [];
  const sessions = new Set<http2.ServerHttp2Session>();
  let connections = 0;
  server.on("session", (session) => {
    connections++;
    sessions.add(session);
    session.on("error", () => {});
    session.on("close", () => sessions.delete(session));
  });
  server.on("tlsClientError", () => {});
  server.on("stream", (stream: http2.ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => {});
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const body = Buffer.concat(chunks);
      const request = { headers, compressed: body[0] === 1, message: body.subarray(5) };
      received.push(request);
      handler(stream, request);
    });
  });
  const port = await listen(server as unknown as net.Server);
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const session of sessions) session.destroy();
        server.close(() => resolve());
      }),
  );
  return { port, received, connections: () => connections, sessions };
}

/** Listens on a free port of the loopback. */
export function listen(server: net.Server): Promise<number> {
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as net.AddressInfo).port));
  });
}

/** A plain TCP server that does what `handler` says. Ends with the test. */
export async function openSocketPeer(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  });
  const port = await listen(server);
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  );
  return port;
}

export interface Answer {
  readonly messages?: readonly Buffer[];
  readonly headers?: http2.OutgoingHttpHeaders;
  readonly trailers?: http2.OutgoingHttpHeaders;
  readonly gzip?: boolean;
}

export function frame(message: Uint8Array, compressed = false): Buffer {
  const head = Buffer.alloc(5);
  head[0] = compressed ? 1 : 0;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** Answers a call: headers, messages, trailers. */
export function answer(
  stream: http2.ServerHttp2Stream,
  { messages = [], headers, trailers, gzip = false }: Answer,
): void {
  stream.respond(
    { ":status": 200, "content-type": "application/grpc", ...(gzip ? { "grpc-encoding": "gzip" } : {}), ...headers },
    { waitForTrailers: true },
  );
  stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": "0", ...trailers }));
  stream.end(Buffer.concat(messages.map((message) => frame(gzip ? gzipSync(message) : message, gzip))));
}

/** Answers with a status and nothing else. */
export function refuse(stream: http2.ServerHttp2Stream, status: number | string, details = ""): void {
  stream.respond(
    {
      ":status": 200,
      "content-type": "application/grpc",
      "grpc-status": String(status),
      "grpc-message": encodeURI(details),
    },
    { endStream: true },
  );
}

/** A predict reply with one float output `y`. */
export function predictReply(values: readonly number[] = [1]): Buffer {
  const tensor = TensorProto.fromPartial({
    dtype: 1,
    tensorShape: { dim: [{ size: BigInt(values.length) }] },
    floatVal: [...values],
  });
  const modelSpec = { name: "m", versionChoice: { $case: "version", value: 1n } as const, signatureName: "" };
  return Buffer.from(PredictResponse.encode({ modelSpec, outputs: new Map([["y", tensor]]) }).finish());
}

export const REQUEST = { model: "m", inputs: { x: new Tensor("float32", [2], Float32Array.of(1, 2)) } };

/** A transport to a port of the loopback. Closed with the test. */
export function openTransport(port: number, options: Partial<GrpcTransportOptions> = {}): Transport {
  const transport = createGrpcTransport({
    target: {
      wire: "grpc",
      secure: false,
      host: "127.0.0.1",
      port,
      socketPath: undefined,
      pathPrefix: "",
      endpoint: `grpc://127.0.0.1:${port}`,
    },
    tls: undefined,
    maxMessageBytes: 1 << 20,
    connectTimeoutMs: 5_000,
    keepalive: false,
    connections: 1,
    logger: undefined,
    ...options,
  });
  onTestFinished(() => transport.close());
  return transport;
}

/** A TLS transport to `localhost`. */
export function openTlsTransport(port: number, options: Partial<GrpcTransportOptions> = {}): Transport {
  return openTransport(port, {
    target: {
      wire: "grpc",
      secure: true,
      host: "localhost",
      port,
      socketPath: undefined,
      pathPrefix: "",
      endpoint: `grpcs://localhost:${port}`,
    },
    ...options,
  });
}

/** What a promise rejects with. */
export async function failureOf(promise: Promise<unknown>): Promise<ServingError> {
  try {
    await promise;
  } catch (error) {
    return error as ServingError;
  }
  throw new Error("the call succeeded");
}

/** A promise and the way to keep it. */
export function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((keep) => {
    resolve = keep;
  });
  return { promise, resolve };
}
