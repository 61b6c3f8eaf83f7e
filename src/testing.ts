export { createFakeClient } from "./assembly/create-fake-client.ts";
export type { RecordedCall, RequestSummary, TensorSummary } from "./testing/call-log.ts";
export type { BatchingRules } from "./testing/check-batch.ts";
export {
  type AddedToxic,
  createFaultProxy,
  type FaultProxy,
  type FaultProxyOptions,
} from "./testing/faults/fault-proxy.ts";
export type {
  BandwidthToxic,
  BlackHoleToxic,
  LatencyToxic,
  LimitDataToxic,
  ResetPeerToxic,
  SlicerToxic,
  SlowCloseToxic,
  Toxic,
  ToxicDirection,
  ToxicScope,
} from "./testing/faults/toxic.ts";
export type {
  DelayFault,
  Fault,
  FaultTarget,
  HangFault,
  HttpFault,
  InjectedFault,
  ResetFault,
  StatusFault,
} from "./testing/faults.ts";
export type {
  ModelDefinition,
  RunInfo,
  SignatureDefinition,
  TensorSpecDefinition,
  VersionDefinition,
  VersionDirectory,
  Wire,
} from "./testing/model-definition.ts";
export { echo } from "./testing/models/echo.ts";
export { halfPlusThree } from "./testing/models/half-plus-three.ts";
export { halfPlusTwo } from "./testing/models/half-plus-two.ts";
export type { ServerTlsOptions } from "./testing/server-tls.ts";
export type { TestControls } from "./testing/test-controls.ts";
export { createTestServer, type TestServer, type TestServerOptions } from "./testing/test-server.ts";
export type { TensorEncoding } from "./testing/wire/tensor-proto.ts";
