/**
 * The server's own messages, as ts-proto made them from our `.proto` files: for what the operations do not cover, and
 * for tests that speak to a server or a client without this library's codecs. Each has `encode`, `decode` and
 * `fromPartial`; 64-bit integers are bigints, maps are Maps, a oneof is `{ $case, value }`.
 */
export { Example } from "#generated/tensorflow/core/example/example.ts";
export { BytesList, Feature, Features, FloatList, Int64List } from "#generated/tensorflow/core/example/feature.ts";
export { TensorProto } from "#generated/tensorflow/core/framework/tensor.ts";
export { TensorShapeProto } from "#generated/tensorflow/core/framework/tensor_shape.ts";
export { DataType } from "#generated/tensorflow/core/framework/types.ts";
export { SignatureDef, TensorInfo } from "#generated/tensorflow/core/protobuf/meta_graph.ts";
export {
  ClassificationRequest,
  ClassificationResponse,
  ClassificationResult,
  Classifications,
} from "#generated/tensorflow_serving/apis/classification.ts";
export {
  GetModelMetadataRequest,
  GetModelMetadataResponse,
  SignatureDefMap,
} from "#generated/tensorflow_serving/apis/get_model_metadata.ts";
export {
  GetModelStatusRequest,
  GetModelStatusResponse,
  ModelVersionStatus,
  ModelVersionStatus_State as ModelVersionState,
} from "#generated/tensorflow_serving/apis/get_model_status.ts";
export {
  InferenceResult,
  InferenceTask,
  MultiInferenceRequest,
  MultiInferenceResponse,
} from "#generated/tensorflow_serving/apis/inference.ts";
export { ExampleList, ExampleListWithContext, Input } from "#generated/tensorflow_serving/apis/input.ts";
export { ModelSpec } from "#generated/tensorflow_serving/apis/model.ts";
export { ReloadConfigRequest, ReloadConfigResponse } from "#generated/tensorflow_serving/apis/model_management.ts";
export { PredictRequest, PredictResponse } from "#generated/tensorflow_serving/apis/predict.ts";
export {
  RegressionRequest,
  RegressionResponse,
  RegressionResult,
} from "#generated/tensorflow_serving/apis/regression.ts";
export { StatusProto } from "#generated/tensorflow_serving/apis/status.ts";
export {
  ModelConfig,
  ModelConfigList,
  ModelServerConfig,
} from "#generated/tensorflow_serving/config/model_server_config.ts";
