import type { CallOptions } from "../contract/call-options.ts";
import type { ClassifyRequest, ClassifyResponse } from "../contract/classify.ts";
import type { EndpointState } from "../contract/endpoint-state.ts";
import type { ExampleInput } from "../contract/example-input.ts";
import type { ModelMetadataRequest, ModelMetadataResponse } from "../contract/model-metadata.ts";
import type { ModelStatusRequest, ModelStatusResponse } from "../contract/model-status.ts";
import type { MultiInferenceRequest, MultiInferenceResponse } from "../contract/multi-inference.ts";
import type { PredictRequest, PredictResponse } from "../contract/predict.ts";
import type { RegressRequest, RegressResponse } from "../contract/regress.ts";
import type { ReloadConfigRequest, ReloadConfigResponse } from "../contract/reload-config.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import type { ModelHandle, ModelOptions } from "./model-handle.ts";

/** How long {@link ServingClient.connect} may take, and what ends it before. */
export type ConnectOptions = Pick<CallOptions, "timeoutMs" | "signal">;

/**
 * A client of one TensorFlow Serving, over gRPC or REST: the same methods, the same answers, the same errors.
 *
 * Each method takes what to ask and how to ask. All of them reject with a `ServingError`, or with the reason of the
 * caller's signal when that aborts.
 */
export interface ServingClient extends AsyncDisposable {
  /** Which wire it speaks. */
  readonly wire: "grpc" | "rest" | "fake";
  /** Where it points, without user-info: `grpc://localhost:8500`. */
  readonly endpoint: string;

  /** Runs a signature on tensors. */
  predict(request: PredictRequest<TensorInput>, options?: CallOptions): Promise<PredictResponse>;
  /** Asks a classification signature about examples. */
  classify(request: ClassifyRequest<ExampleInput>, options?: CallOptions): Promise<ClassifyResponse>;
  /** Asks a regression signature about examples. */
  regress(request: RegressRequest<ExampleInput>, options?: CallOptions): Promise<RegressResponse>;
  /** Asks several signatures of one model about the same examples. gRPC only. */
  multiInference(request: MultiInferenceRequest<ExampleInput>, options?: CallOptions): Promise<MultiInferenceResponse>;
  /** The state of each version the server has known, ended ones included. A label is refused: the server ignores it. */
  getModelStatus(request: ModelStatusRequest, options?: CallOptions): Promise<ModelStatusResponse>;
  /** The signatures of a loaded model. */
  getModelMetadata(request: ModelMetadataRequest, options?: CallOptions): Promise<ModelMetadataResponse>;
  /**
   * Replaces the server's **whole** configuration: models left out are unloaded. gRPC only. Success means that each
   * model name that is new has a version available; it does not wait for new versions of known models.
   */
  reloadConfig(request: ReloadConfigRequest, options?: CallOptions): Promise<ReloadConfigResponse>;

  /** A handle for one model, with its signature checked before anything is sent. */
  model(name: string, options?: ModelOptions): ModelHandle;

  /**
   * Connects now instead of with the first call, and rejects when that is not possible: the address, the name, TLS and
   * the protocol are right then, and the first call does not wait for them. It asks for no model. With several servers
   * one that can be reached is enough; the others are tried too.
   *
   * At most `timeoutMs`, by default 10 s; each connection has `connectTimeoutMs` besides.
   */
  connect(options?: ConnectOptions): Promise<void>;
  /**
   * The servers behind this client as they stand now, one after another in the order of their addresses. A name has
   * none before it was looked up, which the first call or {@link ServingClient.connect} does.
   */
  endpoints(): readonly EndpointState[];

  /**
   * Ends the client: waits for the calls under way, then closes the connections. After `timeoutMs` the calls that are
   * left reject with kind `closed`. Calls made after it reject with `closed` at once. A second call waits for the first.
   *
   * `timeoutMs` is in milliseconds: 0 ends the calls at once, `Infinity` waits for all of them. @default 10_000
   */
  close(options?: { readonly timeoutMs?: number | undefined }): Promise<void>;
}
