import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Socket } from "node:net";
import type { Signature } from "../../../src/contract/signature.ts";
import type { Target } from "../../../src/contract/target.ts";
import { ServingError } from "../../../src/errors/serving-error.ts";
import type { RestTransportOptions } from "../../../src/rest/options.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";

/** A server on a free port of 127.0.0.1, closed with all its connections. */
export interface TestServer {
  readonly port: number;
  readonly connections: () => number;
  close(): Promise<void>;
}

export async function serve(listener: RequestListener): Promise<TestServer> {
  return listen(createServer({ keepAliveTimeout: 60_000 }, listener));
}

/** A server that speaks whatever `onConnection` writes. */
export async function serveRaw(onConnection: (socket: Socket) => void): Promise<TestServer> {
  return listen(
    createTcpServer((socket) => {
      socket.on("error", () => {});
      onConnection(socket);
    }),
  );
}

/** A raw server that answers every first request with these bytes and closes. */
export function serveBytes(...parts: (string | Buffer)[]): Promise<TestServer> {
  return serveRaw((socket) => {
    socket.once("data", () => {
      for (const part of parts) socket.write(part);
      socket.end();
    });
  });
}

export async function listen(server: Server | ReturnType<typeof createTcpServer>): Promise<TestServer> {
  const sockets = new Set<Socket>();
  let opened = 0;
  server.on("connection", (socket: Socket) => {
    opened++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    connections: () => opened,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

export function target(port: number, over: Partial<Target> = {}): Target {
  return {
    wire: "rest",
    secure: false,
    host: "127.0.0.1",
    port,
    socketPath: undefined,
    pathPrefix: "",
    endpoint: `http://127.0.0.1:${port}`,
    ...over,
  };
}

export function options(port: number, over: Partial<RestTransportOptions> = {}): RestTransportOptions {
  return {
    target: target(port),
    tls: undefined,
    maxMessageBytes: 64 << 20,
    connectTimeoutMs: 2_000,
    keepalive: {},
    connections: 8,
    logger: undefined,
    ...over,
  };
}

/** What a predict over the wire asks in these tests. */
export const HALF_PLUS_TWO = {
  model: "half_plus_two",
  inputs: { x: new Tensor("float32", [3], Float32Array.of(1, 2, 5)) },
} as const;

export function signature(outputs: Signature["outputs"]): Signature {
  return { methodName: "tensorflow/serving/predict", inputs: {}, outputs };
}

/** The ServingError that an action ends in; fails the test when it does not. */
export async function failure(action: () => unknown): Promise<ServingError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof ServingError) return error;
    throw error;
  }
  throw new Error("expected a ServingError, nothing was thrown");
}
