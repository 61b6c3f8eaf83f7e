import { createServer, type Socket } from "node:net";
import {
  type handleServerStreamingCall,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceDefinition,
  type sendUnaryData,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { HealthCheckRequest, HealthCheckResponse } from "#generated/grpc/health/v1/health.ts";
import { CODE_NUMBERS } from "../errors/code.ts";
import { Cancellation } from "../internal/cancellation.ts";
import { allowResets } from "./allow-resets.ts";
import type { CallDesk } from "./call-desk.ts";
import type { CallScope } from "./call-scope.ts";
import { ConnectionReset } from "./faults.ts";
import { GRPC_METHODS, type GrpcMethod } from "./grpc-methods.ts";
import { listen, type RunningServer } from "./running-server.ts";
import { ServerError, toServerError } from "./server-error.ts";
import type { ServerTlsOptions } from "./server-tls.ts";
import type { ServingCore } from "./serving-core.ts";
import type { TensorEncoding } from "./wire/tensor-proto.ts";

export interface GrpcServerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ServerTlsOptions | undefined;
  /** Whether the health service is there. */
  readonly health: boolean;
  readonly encoding: EncodingSetting;
}

/** How answers carry tensors. Read at each of them. */
export interface EncodingSetting {
  current: TensorEncoding;
}

/** The gRPC side, on connections of its own making, so that a fault can end one of them. */
export async function startGrpcServer(
  core: ServingCore,
  desk: CallDesk,
  options: GrpcServerOptions,
): Promise<RunningServer> {
  const grpc = new Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
  allowResets(grpc);
  const closing = new Cancellation();
  const sockets = new Map<string, Socket>();
  for (const [service, methods] of Object.entries(GRPC_METHODS)) {
    const definition: Record<string, ServiceDefinition[string]> = {};
    const implementation: Record<string, UntypedServiceImplementation[string]> = {};
    for (const [name, method] of Object.entries(methods)) {
      definition[name] = unary(`/${service}/${name}`);
      implementation[name] = (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => {
        answer(method, call, core, desk, closing, options.encoding.current).then(
          (reply) => respond(null, reply),
          (thrown: unknown) => {
            if (thrown instanceof ConnectionReset) sockets.get(call.getPeer())?.resetAndDestroy();
            else if (!closing.cancelled) respond(toStatus(thrown));
          },
        );
      };
    }
    grpc.addService(definition, implementation);
  }
  if (options.health) grpc.addService(HEALTH_DEFINITION, HEALTH_IMPLEMENTATION);

  const injector = grpc.createConnectionInjector(toCredentials(options.tls));
  const listener = createServer((socket) => {
    const peer = `${socket.remoteAddress}:${socket.remotePort}`;
    sockets.set(peer, socket);
    socket.on("close", () => sockets.delete(peer));
    // A client that resets its connection is no failure of the server.
    socket.on("error", () => {});
    socket.setNoDelay(true);
    injector.injectConnection(socket);
  });
  const port = await listen(listener, options);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        listener.close(() => resolve());
        closing.cancel(new Error("the test server was closed"));
        grpc.forceShutdown();
        injector.destroy();
        for (const socket of sockets.values()) socket.destroy();
      }),
  };
}

const pass = (bytes: Buffer): Buffer => bytes;

function unary(path: string): ServiceDefinition[string] {
  return {
    path,
    requestStream: false,
    responseStream: false,
    requestSerialize: pass,
    requestDeserialize: pass,
    responseSerialize: pass,
    responseDeserialize: pass,
  };
}

async function answer(
  method: GrpcMethod,
  call: ServerUnaryCall<Buffer, Buffer>,
  core: ServingCore,
  desk: CallDesk,
  closing: Cancellation,
  encoding: TensorEncoding,
): Promise<Buffer> {
  const cancellation = new Cancellation();
  const release = closing.onCancel((reason) => cancellation.cancel(reason));
  call.on("cancelled", () => cancellation.cancel(new Error("the client has left")));
  const deadline = call.getDeadline();
  const remainingMs = Number(deadline) - Date.now();
  const scope: CallScope = {
    wire: "grpc",
    headers: toHeaders(call),
    runDeadlineAt: performance.now() + remainingMs,
    cancellation,
  };
  try {
    const { operation, requested, summary, run } = method(call.request);
    const reply = await desk.attend(operation, requested, summary, scope, (record) =>
      run({ core, scope, call: record, encoding }),
    );
    return Buffer.from(reply.buffer, reply.byteOffset, reply.byteLength);
  } finally {
    release();
  }
}

function toHeaders(call: ServerUnaryCall<Buffer, Buffer>): Readonly<Record<string, string>> {
  const headers = Object.create(null) as Record<string, string>;
  for (const [name, value] of Object.entries(call.metadata.getMap())) {
    headers[name] = typeof value === "string" ? value : value.toString("base64");
  }
  return headers;
}

const MAX_MESSAGE_BYTES = 1024;

/** @see tensorflow_serving/model_servers/grpc_status_util.cc */
function toStatus(thrown: unknown): { code: number; details: string } {
  const { code, message } = toServerError(thrown);
  const bytes = Buffer.from(message);
  const details =
    bytes.length <= MAX_MESSAGE_BYTES ? message : `${bytes.subarray(0, MAX_MESSAGE_BYTES).toString()}...TRUNCATED`;
  return { code: CODE_NUMBERS[code], details };
}

function toCredentials(tls: ServerTlsOptions | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const pair = { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) };
  return ServerCredentials.createSsl(
    tls.ca === undefined ? null : Buffer.from(tls.ca),
    [pair],
    tls.clientVerify ?? false,
  );
}

/** Names without the package: the server registers them so, and knows no others. */
const HEALTHY_NAMES: ReadonlySet<string> = new Set(["", "ModelService", "PredictionService"]);
const SERVING = 1;
const SERVICE_UNKNOWN = 3;

const HEALTH_DEFINITION: ServiceDefinition = {
  Check: unary("/grpc.health.v1.Health/Check"),
  Watch: { ...unary("/grpc.health.v1.Health/Watch"), responseStream: true },
};

const encodeHealth = (status: 1 | 3): Buffer => Buffer.from(HealthCheckResponse.encode({ status }).finish());

/** Constant: it says that the server is up, and nothing about its models. */
const HEALTH_IMPLEMENTATION: UntypedServiceImplementation = {
  Check: (call: ServerUnaryCall<Buffer, Buffer>, respond: sendUnaryData<Buffer>) => {
    const { service } = HealthCheckRequest.decode(call.request);
    if (HEALTHY_NAMES.has(service)) respond(null, encodeHealth(SERVING));
    else respond(toStatus(new ServerError("NOT_FOUND", "")));
  },
  Watch: ((call) => {
    const { service } = HealthCheckRequest.decode(call.request);
    call.write(encodeHealth(HEALTHY_NAMES.has(service) ? SERVING : SERVICE_UNKNOWN));
    call.on("cancelled", () => call.end());
  }) as handleServerStreamingCall<Buffer, Buffer>,
};
