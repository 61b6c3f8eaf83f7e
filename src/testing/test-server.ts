import { CallDesk } from "./call-desk.ts";
import { startGrpcServer } from "./grpc-server.ts";
import { Metrics } from "./metrics.ts";
import type { ModelDefinition, VersionDirectory } from "./model-definition.ts";
import { startRestServer } from "./rest-server.ts";
import type { ServerTlsOptions } from "./server-tls.ts";
import { ServingCore } from "./serving-core.ts";
import { createControls, type TestControls } from "./test-controls.ts";
import type { TensorEncoding } from "./wire/tensor-proto.ts";

export interface TestServerOptions {
  /** What it serves when it starts, by name. */
  readonly models: Readonly<Record<string, ModelDefinition>>;
  /**
   * More base paths, by path, for `reloadConfig` to name. Each model of `models` has its own at `/models/<name>`.
   * @default {}
   */
  readonly storage?: Readonly<Record<string, VersionDirectory>> | undefined;
  /** @default "127.0.0.1" */
  readonly host?: string | undefined;
  /** 0 takes any free one. @default 0 */
  readonly grpcPort?: number | undefined;
  /** 0 takes any free one. @default 0 */
  readonly restPort?: number | undefined;
  /** Speaks TLS on both wires. @default none */
  readonly tls?: ServerTlsOptions | undefined;
  /**
   * How gRPC answers carry tensors: in typed lists, or as raw bytes the way
   * `--enable_serialization_as_tensor_content` does. Can be changed while it runs. @default "values"
   */
  readonly tensorEncoding?: TensorEncoding | undefined;
  /** Offers `grpc.health.v1.Health`, which says SERVING whatever the models do. @default false */
  readonly grpcHealth?: boolean | undefined;
  /** Offers the metrics page on the REST port. @default false; the path is `/monitoring/prometheus/metrics` */
  readonly prometheus?: boolean | { readonly path?: string | undefined } | undefined;
  /** Adds CORS headers to REST replies. @default false */
  readonly cors?: boolean | undefined;
  /** How long a model may run for a REST request, in milliseconds. @default 30_000 */
  readonly restTimeoutMs?: number | undefined;
  /** Lets a label that is not in use yet point to a version that is not loaded. @default false */
  readonly allowVersionLabelsForUnavailableModels?: boolean | undefined;
}

/** A running server. Ends its connections when it is closed or disposed of. */
export interface TestServer extends TestControls, AsyncDisposable {
  /** `grpc://127.0.0.1:PORT`, `grpcs:` with TLS. */
  readonly grpcAddress: string;
  /** `http://127.0.0.1:PORT`, `https:` with TLS. */
  readonly restAddress: string;
  tensorEncoding: TensorEncoding;
  /** Ends every connection and every call under way. A second call waits for the first. */
  close(): Promise<void>;
}

/**
 * Starts a server that answers as TensorFlow Serving does, on both wires, from one definition of its models: the same
 * routes, states, error codes and texts, number formats and oddities.
 *
 * It reads and writes both wires with code of its own, so that a mistake of the client cannot cancel out.
 *
 * @throws Error when a port is taken or a model does not load: the real server would exit
 * @example
 * await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
 * const client = createClient(server.grpcAddress);
 */
export async function createTestServer(options: TestServerOptions): Promise<TestServer> {
  const core = new ServingCore(options);
  const desk = new CallDesk();
  const metrics = new Metrics();
  core.onRun = (run) => metrics.countRun(run);
  desk.onEnd = (call) => metrics.countCall(call);
  let { tensorEncoding = "values" } = options;
  const { host = "127.0.0.1", tls, prometheus = false } = options;
  await core.start();

  const grpc = await startGrpcServer(core, desk, {
    host,
    port: options.grpcPort ?? 0,
    tls,
    health: options.grpcHealth ?? false,
    tensorEncoding: () => tensorEncoding,
  });
  const metricsPath =
    (typeof prometheus === "object" ? prometheus.path : undefined) ?? "/monitoring/prometheus/metrics";
  const rest = await startRestServer(core, desk, {
    host,
    port: options.restPort ?? 0,
    tls,
    cors: options.cors ?? false,
    timeoutMs: options.restTimeoutMs ?? 30_000,
    page: prometheus ? { path: metricsPath, render: () => metrics.render() } : undefined,
  }).catch(async (thrown: unknown) => {
    await grpc.close();
    throw thrown;
  });

  let closed: Promise<void> | undefined;
  const close = (): Promise<void> => {
    core.stop();
    closed ??= Promise.all([grpc.close(), rest.close()]).then(() => {});
    return closed;
  };
  const inUrl = host.includes(":") ? `[${host}]` : host;
  return Object.defineProperties(createControls(core, desk), {
    grpcAddress: { value: `${tls ? "grpcs" : "grpc"}://${inUrl}:${grpc.port}`, enumerable: true },
    restAddress: { value: `${tls ? "https" : "http"}://${inUrl}:${rest.port}`, enumerable: true },
    tensorEncoding: {
      get: () => tensorEncoding,
      set: (encoding: TensorEncoding) => {
        tensorEncoding = encoding;
      },
      enumerable: true,
    },
    close: { value: close },
    [Symbol.asyncDispose]: { value: close },
  }) as TestServer;
}
