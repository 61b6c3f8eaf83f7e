import { batching } from "../../../src/batching/batching.ts";
import type { BatchEvent } from "../../../src/contract/batch-event.ts";
import type { BatchingSettings } from "../../../src/contract/batching.ts";
import type { OperationName, RequestOf, ResponseOf } from "../../../src/contract/operations.ts";
import type { PredictRequest, PredictResponse } from "../../../src/contract/predict.ts";
import type { Call, CallContext } from "../../../src/contract/transport.ts";
import { Tensor } from "../../../src/tensor/tensor.ts";
import { newContext } from "../policies/call-context.ts";
import { FakeClock } from "../policies/fake-clock.ts";

export interface Sent {
  readonly operation: OperationName;
  readonly request: PredictRequest;
  readonly context: CallContext;
}

export const SETTINGS: BatchingSettings = {
  maxBatchSize: 8,
  batchTimeoutMs: 0,
  maxBatchBytes: 1_000_000,
  maxEnqueuedBatches: 4,
  allowedBatchSizes: [],
  padVariableLengthInputs: false,
  maxInFlight: undefined,
};

type Answer = (sent: Sent) => unknown;

/** Batching over a call that answers as told; by itself with `y` = `x` + 1. */
export function setUp(changes: Partial<BatchingSettings> = {}, answer: Answer = ({ request }) => plusOne(request)) {
  const clock = new FakeClock();
  const settings = { ...SETTINGS, ...changes };
  const sent: Sent[] = [];
  const events: BatchEvent[] = [];
  const bottom: Call = async <O extends OperationName>(operation: O, request: RequestOf<O>, context: CallContext) => {
    const one: Sent = { operation, request: request as PredictRequest, context };
    sent.push(one);
    return (await answer(one)) as ResponseOf<O>;
  };
  const host = {
    clock,
    endpoint: "fake://here",
    replicas: () => 1,
    tell: (event: () => BatchEvent) => events.push(event()),
  };
  const call = batching(host)(bottom);
  const contextOf = (context: Partial<CallContext> = {}) => newContext({ batching: settings, ...context });
  const predict = (request: PredictRequest, context: Partial<CallContext> = {}) =>
    call("predict", request, contextOf(context));
  return { clock, call, contextOf, predict, sent, events, settings };
}

/** A request of rows of one number each. */
export function rows(...values: readonly number[]): PredictRequest {
  return { model: "m", inputs: { x: new Tensor("float32", [values.length, 1], Float32Array.from(values)) } };
}

export function plusOne({ inputs }: PredictRequest): PredictResponse {
  const x = inputs["x"] as Tensor<"float32">;
  return {
    outputs: {
      y: new Tensor(
        "float32",
        x.shape,
        x.data.map((value) => value + 1),
      ),
    },
    modelSpec: { name: "m" },
  };
}

/** The numbers of an answer. */
export function valuesOf({ outputs }: PredictResponse): number[] {
  return [...(outputs["y"] as Tensor<"float32">).data];
}

/** The numbers of each request that was sent. */
export function sentValues(sent: readonly Sent[]): number[][] {
  return sent.map(({ request }) => [...(request.inputs["x"] as Tensor<"float32">).data]);
}
