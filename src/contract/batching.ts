/**
 * How calls that fit together share requests, in the words of TensorFlow Serving's own batching parameters.
 *
 * A batch goes as soon as a slot is free for it, and takes in what comes while it waits for one: a lone caller is not
 * delayed, and a busy client fills its batches by itself.
 *
 * @see tensorflow_serving/servables/tensorflow/session_bundle_config.proto BatchingParameters
 */
export interface BatchingOptions {
  /**
   * Rows a request, at most: a whole number from 1. A call of more rows is split, and its answers are joined in order.
   * Not above the server's own `max_batch_size` where it batches too: beyond it every full batch is refused once.
   * @default 64, or the last of `allowedBatchSizes`
   */
  readonly maxBatchSize?: number | undefined;
  /**
   * How long a batch that is not full waits for more rows, in milliseconds, counted from its first row. Every row goes
   * out by then. 0 means no waiting while a slot is free.
   * @default 0
   */
  readonly batchTimeoutMs?: number | undefined;
  /**
   * Bytes of tensors or examples a request, at most: a whole number from 1. A single call may have more, and then goes
   * by itself.
   * @default 3_145_728 (3 MiB)
   */
  readonly maxBatchBytes?: number | undefined;
  /**
   * Batches that may wait, in rows and in bytes as many as that many full ones hold: a whole number from 1. A call that
   * finds them taken rejects at once with kind `overloaded`.
   * @default 32
   */
  readonly maxEnqueuedBatches?: number | undefined;
  /**
   * The only numbers of rows that are sent, in rising order, for models compiled for certain sizes: a batch is filled up
   * to the next of them, and what was filled in is taken out of the answer. The last is the `maxBatchSize`.
   * @default any number
   */
  readonly allowedBatchSizes?: readonly number[] | undefined;
  /**
   * Lets calls share whose inputs differ in lengths that the signature leaves free: the shorter ones are filled up with
   * their own first element, as the server does it, and free output lengths that follow are cut back. Inputs of rank 1
   * to 6, for calls of a model handle that has its signature.
   * @default false
   */
  readonly padVariableLengthInputs?: boolean | undefined;
  /**
   * Batches of one kind under way at a time: a whole number from 1, or `Infinity`.
   * @default one for each server behind the client, and one more where it is full, so that no server idles while an
   * answer travels; no limit where `batchTimeoutMs` is above 0, so that it is kept
   */
  readonly maxInFlight?: number | undefined;
}

/** {@link BatchingOptions} after they were checked, every default filled in. */
export interface BatchingSettings {
  readonly maxBatchSize: number;
  readonly batchTimeoutMs: number;
  readonly maxBatchBytes: number;
  readonly maxEnqueuedBatches: number;
  /** Empty where any number goes. */
  readonly allowedBatchSizes: readonly number[];
  readonly padVariableLengthInputs: boolean;
  /** Undefined: one for each server. */
  readonly maxInFlight: number | undefined;
}
