import type { Tensor } from "../tensor/tensor.ts";
import { invalid, ServerError } from "./server-error.ts";

/** What `--enable_batching` demands of requests. Batches are not formed: each request runs alone. */
export interface BatchingRules {
  /** More rows than this in one request are refused. @default 1000 */
  readonly maxBatchSize?: number | undefined;
}

/**
 * How many rows the inputs of a run have.
 *
 * @throws ServerError (INVALID_ARGUMENT) when an input has no rows to batch, when they differ, or when there are too many
 * @see tensorflow_serving/batching/batching_session.cc ComputeInputSize
 */
export function checkBatchInputs(inputs: Iterable<Tensor>, { maxBatchSize = 1000 }: BatchingRules): number {
  let rows: number | undefined;
  for (const { shape } of inputs) {
    const [length] = shape;
    if (length === undefined) throw invalid("Batching Run() input tensors must have at least one dimension");
    rows ??= length;
    if (length !== rows) throw invalid("Batching Run() input tensors must have equal 0th-dimension size");
  }
  checkBatchSize(rows ?? 0, { maxBatchSize });
  return rows ?? 0;
}

/** @see tensorflow/core/kernels/batching_util/shared_batch_scheduler.h */
export function checkBatchSize(rows: number, { maxBatchSize = 1000 }: BatchingRules): void {
  if (rows > maxBatchSize) {
    throw invalid(`Task size ${rows} is larger than maximum input batch size ${maxBatchSize}`);
  }
}

/** @throws ServerError (FAILED_PRECONDITION) when an output cannot be split by rows */
export function checkBatchOutputs(outputs: Iterable<Tensor>, rows: number): void {
  for (const { shape } of outputs) {
    const [length] = shape;
    if (length === undefined) throw new ServerError("FAILED_PRECONDITION", "Batched output tensor has 0 dimensions");
    if (length !== rows) {
      throw new ServerError(
        "FAILED_PRECONDITION",
        "Batched output tensor's 0th dimension does not equal the sum of the 0th dimension sizes of the input tensors",
      );
    }
  }
}
