import type { ClassifyResult } from "./classify.ts";
import type { Example } from "./example.ts";
import type { ModelChoice, ServedModel } from "./model-spec.ts";
import type { RegressResult } from "./regress.ts";

/** One question of a `multiInference`: a signature, and how it is asked. */
export interface InferenceTask {
  readonly signatureName: string;
  readonly method: "classify" | "regress";
}

/** Several classify and regress questions on the same examples, to one model and one version. gRPC only. */
export type MultiInferenceRequest<E = Example> = ModelChoice & {
  /** At least one; a signature may stand in one task only. */
  readonly tasks: readonly InferenceTask[];
  readonly examples: readonly E[];
  readonly context?: E | undefined;
};

export type InferenceResult =
  | ({ readonly method: "classify"; readonly signatureName: string } & ClassifyResult)
  | ({ readonly method: "regress"; readonly signatureName: string } & RegressResult);

export interface MultiInferenceResponse {
  /** One a task, in the order of the tasks. */
  readonly results: readonly InferenceResult[];
  readonly modelSpec: ServedModel;
}
