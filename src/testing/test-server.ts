import { CallDesk } from "./call-desk.ts";
import type { BatchingRules } from "./check-batch.ts";
import { checkNames } from "./check-definitions.ts";
import { type EncodingSetting, startGrpcServer } from "./grpc-server.ts";
import { Metrics } from "./metrics.ts";
import type { ModelDefinition, VersionDirectory } from "./model-definition.ts";
import { startRestServer } from "./rest-server.ts";
import type { RunningServer } from "./running-server.ts";
import type { ServerTlsOptions } from "./server-tls.ts";
import { ServingCore } from "./serving-core.ts";
import { Controls, type TestControls } from "./test-controls.ts";
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
  /**
   * Offers the metrics page on the REST port: requests by status, latencies and run times, and with `batching` the rows,
   * runs and queueing, all as measured here. @default false; the path is `/monitoring/prometheus/metrics`
   */
  readonly prometheus?: boolean | { readonly path?: string | undefined } | undefined;
  /** Adds CORS headers to REST replies. @default false */
  readonly cors?: boolean | undefined;
  /** How long a model may run for a REST request, in milliseconds. @default 30_000 */
  readonly restTimeoutMs?: number | undefined;
  /** Lets a label that is not in use yet point to a version that is not loaded. @default false */
  readonly allowVersionLabelsForUnavailableModels?: boolean | undefined;
  /** Refuses what a server with `--enable_batching` refuses. @default no batching, so that anything goes */
  readonly batching?: BatchingRules | undefined;
}

const OPTIONS = [
  "models",
  "storage",
  "host",
  "grpcPort",
  "restPort",
  "tls",
  "tensorEncoding",
  "grpcHealth",
  "prometheus",
  "cors",
  "restTimeoutMs",
  "allowVersionLabelsForUnavailableModels",
  "batching",
] satisfies (keyof TestServerOptions)[];

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
 * @throws TypeError for an unknown option, and for a model that is not well defined
 * @throws Error when a port is taken or a model does not load: the real server would exit
 * @example
 * await using server = await createTestServer({ models: { half_plus_two: halfPlusTwo } });
 * const client = createClient(server.grpcAddress);
 */
export async function createTestServer(options: TestServerOptions): Promise<TestServer> {
  checkNames(options, OPTIONS, "createTestServer");
  const core = new ServingCore(options);
  const desk = new CallDesk();
  const metrics = new Metrics();
  core.onRun = (run) => metrics.countRun(run);
  core.onBatch = (batch) => metrics.countBatch(batch);
  desk.onEnd = (call) => metrics.countCall(call);
  const { host = "127.0.0.1", tls, prometheus = false } = options;
  const encoding: EncodingSetting = { current: options.tensorEncoding ?? "values" };
  await core.start();
  const grpc = await startGrpcServer(core, desk, {
    host,
    port: options.grpcPort ?? 0,
    tls,
    health: options.grpcHealth ?? false,
    encoding,
  });
  try {
    const rest = await startRestServer(core, desk, {
      host,
      port: options.restPort ?? 0,
      tls,
      cors: options.cors ?? false,
      timeoutMs: options.restTimeoutMs ?? 30_000,
      page: prometheus === false ? undefined : { path: metricsPath(prometheus), render: () => metrics.render() },
    });
    const addressOf = (scheme: string, port: number) =>
      `${scheme}${tls ? "s" : ""}://${host.includes(":") ? `[${host}]` : host}:${port}`;
    return new RunningTestServer(core, desk, encoding, [grpc, rest], {
      grpcAddress: addressOf("grpc", grpc.port),
      restAddress: addressOf("http", rest.port),
    });
  } catch (thrown) {
    await grpc.close();
    throw thrown;
  }
}

function metricsPath(prometheus: true | { readonly path?: string | undefined }): string {
  return (prometheus === true ? undefined : prometheus.path) ?? "/monitoring/prometheus/metrics";
}

class RunningTestServer extends Controls implements TestServer {
  readonly grpcAddress: string;
  readonly restAddress: string;
  readonly #core: ServingCore;
  readonly #encoding: EncodingSetting;
  readonly #servers: readonly RunningServer[];
  #closed: Promise<void> | undefined;

  constructor(
    core: ServingCore,
    desk: CallDesk,
    encoding: EncodingSetting,
    servers: readonly RunningServer[],
    addresses: { readonly grpcAddress: string; readonly restAddress: string },
  ) {
    super(core, desk);
    this.#core = core;
    this.#encoding = encoding;
    this.#servers = servers;
    this.grpcAddress = addresses.grpcAddress;
    this.restAddress = addresses.restAddress;
  }

  get tensorEncoding(): TensorEncoding {
    return this.#encoding.current;
  }

  set tensorEncoding(encoding: TensorEncoding) {
    this.#encoding.current = encoding;
  }

  close(): Promise<void> {
    this.#closed ??= this.#end();
    return this.#closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #end(): Promise<void> {
    this.#core.stop();
    await Promise.all(this.#servers.map((server) => server.close()));
  }
}
