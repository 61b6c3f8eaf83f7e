/**
 * A batching file (`--batching_parameters_file`, with `--enable_batching`), or the `batching_params.pbtxt` of one model.
 * A member that is left out takes the server's default, which is told beside it.
 *
 * @see tensorflow_serving/servables/tensorflow/session_bundle_config.proto BatchingParameters
 */
export interface BatchingParameters {
  /** Most rows of a batch; a request with more is refused. @default 1000 */
  readonly maxBatchSize?: number | undefined;
  /** How long a batch waits for more requests, in microseconds. @default 0, which waits for none */
  readonly batchTimeoutMicros?: number | undefined;
  /** Batches, not requests, that may wait; beyond it requests are refused as UNAVAILABLE. @default 10 */
  readonly maxEnqueuedBatches?: number | undefined;
  /** Batches that run at the same time. @default as many as there are CPUs */
  readonly numBatchThreads?: number | undefined;
  /** @default "batch_threads" */
  readonly threadPoolName?: string | undefined;
  /** Whether a request may be split over several batches. @default false */
  readonly enableLargeBatchSplitting?: boolean | undefined;
  /** Most rows that run at once where requests are split. @default `maxBatchSize` as it is in the file */
  readonly maxExecutionBatchSize?: number | undefined;
  /** Batches are padded up to the next of these: ascending, the last one equal to `maxBatchSize`. @default any size */
  readonly allowedBatchSizes?: readonly number[] | undefined;
  /** Whether requests of unequal lengths are padded to share a batch; outputs are not cut back. @default false */
  readonly padVariableLengthInputs?: boolean | undefined;
}
