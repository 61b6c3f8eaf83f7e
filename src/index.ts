/**
 * Door `tfserving`: a client of TensorFlow Serving over gRPC or REST, tensors and errors.
 *
 * Nothing here loads a wire's library: `createClient` does that with its first call. The clients of one wire alone are
 * in `tfserving/grpc` and `tfserving/rest`, servers and clients for tests in `tfserving/testing`.
 */
export { createClient } from "./assembly/create-client.ts";
export type { GrpcOptions, RestOptions, WireOptions } from "./assembly/wire-options.ts";
export type { Address } from "./client/addresses.ts";
export type {
  ManyInputs,
  ModelHandle,
  ModelInputs,
  ModelOptions,
  ModelPredictOptions,
  PredictManyOptions,
  PredictManyProgress,
  PredictManyResult,
  WaitOptions,
} from "./client/model-handle.ts";
export type { CallDefaults, ClientOptions } from "./client/options.ts";
export type { ConnectOptions, ServingClient } from "./client/serving-client.ts";
export type { BalancingOptions, LookupAddresses } from "./contract/balancing.ts";
export type { BatchEvent } from "./contract/batch-event.ts";
export type { BatchingOptions } from "./contract/batching.ts";
export { example } from "./contract/build-example.ts";
export type {
  AttemptEnded,
  AttemptStarted,
  CallEnded,
  CallEvent,
  CallIdentity,
  CallStarted,
  QueueRejected,
  QueueWaited,
  RetryRefused,
  RetryScheduled,
} from "./contract/call-event.ts";
export type { CallOptions, ResponseInfo } from "./contract/call-options.ts";
export type { CircuitBreakerOptions } from "./contract/circuit-breaker.ts";
export type { Classification, ClassifyRequest, ClassifyResponse, ClassifyResult } from "./contract/classify.ts";
export type { ClientEvent } from "./contract/client-event.ts";
export type { EndpointFault, EndpointState } from "./contract/endpoint-state.ts";
export type { EndpointEvent, EventFault } from "./contract/events.ts";
export type { Example, Feature } from "./contract/example.ts";
export type { ExampleInput, FeatureInput } from "./contract/example-input.ts";
export type { Instrumentation } from "./contract/instrumentation.ts";
export type { Logger } from "./contract/logger.ts";
export type { Middleware, MiddlewareCall, MiddlewareResponse } from "./contract/middleware.ts";
export type { ModelMetadataRequest, ModelMetadataResponse } from "./contract/model-metadata.ts";
export type { ModelChoice, ServedModel, SignatureChoice, Version, VersionChoice } from "./contract/model-spec.ts";
export type {
  ModelStatusRequest,
  ModelStatusResponse,
  ModelVersionState,
  ModelVersionStatus,
} from "./contract/model-status.ts";
export type {
  InferenceResult,
  InferenceTask,
  MultiInferenceRequest,
  MultiInferenceResponse,
} from "./contract/multi-inference.ts";
export type { OperationName, Operations, RequestOf, ResponseOf } from "./contract/operations.ts";
export type { PredictRequest, PredictResponse } from "./contract/predict.ts";
export type { RegressRequest, RegressResponse, RegressResult } from "./contract/regress.ts";
export type {
  ModelConfig,
  ReloadConfigRequest,
  ReloadConfigResponse,
  VersionPolicy,
} from "./contract/reload-config.ts";
export type { Signature, TensorSpec } from "./contract/signature.ts";
export type { Pem, TlsOptions } from "./contract/tls.ts";
export type { KeepaliveOptions } from "./contract/transport-options.ts";
export type { Code, StatusName } from "./errors/code.ts";
export type { ErrorKind } from "./errors/kind.ts";
export { type Attempt, ServingError, type ServingErrorDetails, type ServingErrorJson } from "./errors/serving-error.ts";
export type { AuthProvider, AuthRequest } from "./policies/auth.ts";
export type { ConcurrencyOptions } from "./policies/concurrency-limit.ts";
export type { HedgingOptions } from "./policies/hedging.ts";
export type { RetryBudgetOptions } from "./policies/retry-budget.ts";
export type { RetryOptions } from "./policies/retry-options.ts";
export { type Nested, type TensorBuilder, tensor } from "./tensor/build-tensor.ts";
export { concat } from "./tensor/concat.ts";
export { type DataOf, type DataTypeMap, DTYPES, type DType, isDType, type NumericArray } from "./tensor/dtype.ts";
export { bfloat16ToFloat32, float16ToFloat32, float32ToBfloat16, float32ToFloat16 } from "./tensor/half.ts";
export type { Shape } from "./tensor/shape.ts";
export { slice } from "./tensor/slice.ts";
export { split } from "./tensor/split.ts";
export { stack } from "./tensor/stack.ts";
export type { StringSource } from "./tensor/string-source.ts";
export { Tensor } from "./tensor/tensor.ts";
export type { ForeignTensor, NestedValue, Scalar, TensorInput } from "./tensor/tensor-input.ts";
export type { Complex, ElementOf, NestedOf } from "./tensor/to-nested.ts";
