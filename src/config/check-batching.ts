import type { BatchingParameters } from "./batching-parameters.ts";
import type { ConfigProblem } from "./config-problem.ts";
import { openProblemList, type Say } from "./problem-list.ts";

/** What the server takes where the file says nothing. */
const DEFAULT_MAX_BATCH_SIZE = 1000;

/** The least that each number may be, and what the server does below it. */
const LEAST = [
  ["maxBatchSize", 1],
  ["batchTimeoutMicros", 0],
  ["numBatchThreads", 1],
  ["maxEnqueuedBatches", 0],
  ["maxExecutionBatchSize", 1],
] as const;

/**
 * The rules for a batching file, whose members are known to have the right types. A mistake here does not stop the
 * server: the models fail to load.
 *
 * @see tensorflow_serving/servables/tensorflow/bundle_factory_util.cc
 * @see tensorflow/core/kernels/batching_util/shared_batch_scheduler.h SharedBatchScheduler::AddQueue
 */
export function checkBatching(config: BatchingParameters): ConfigProblem[] {
  const { problems, say } = openProblemList();
  for (const [name, least] of LEAST) {
    const value = config[name];
    if (value === undefined || value >= least) continue;
    say("error", "out-of-range", name, `${name} is ${value}: models fail to load`, `write ${least} or more`);
  }
  if (config.maxEnqueuedBatches === 0) {
    say("warning", "out-of-range", "maxEnqueuedBatches", "the server reads 0 as 1", "write 1, or more");
  }
  checkSizes(config, say);
  checkSplitting(config, say);
  if (config.padVariableLengthInputs) {
    const reason = "requests of unequal lengths are padded to share a batch, and their outputs are not cut back";
    say("warning", "padded-outputs", "padVariableLengthInputs", reason, "cut outputs to the length you sent");
  }
  return problems;
}

function checkSizes({ allowedBatchSizes: sizes = [], maxBatchSize }: BatchingParameters, say: Say): void {
  const last = sizes.at(-1);
  if (last === undefined) return;
  for (const [index, size] of sizes.entries()) {
    const path = `allowedBatchSizes[${index}]`;
    const before = sizes[index - 1];
    if (size < 1) {
      say("error", "out-of-range", path, `a batch of ${size} rows cannot be`, "write sizes from 1");
    } else if (before !== undefined && size <= before) {
      const reason = `${size} follows ${before}: sizes must ascend, the server does not look and pads batches wrongly`;
      say("error", "batch-sizes-not-ascending", path, reason, "write them from small to large, each once");
    }
  }
  const most = maxBatchSize ?? DEFAULT_MAX_BATCH_SIZE;
  if (last === most) return;
  const from = maxBatchSize === undefined ? `${most}, the default of maxBatchSize` : `maxBatchSize, ${most}`;
  const reason = `the last size is ${last} and must be ${from}: models fail to load`;
  const remedy = maxBatchSize === undefined ? `write max_batch_size { value: ${last} }` : "make the two equal";
  say("error", "last-batch-size", `allowedBatchSizes[${sizes.length - 1}]`, reason, remedy);
}

function checkSplitting(config: BatchingParameters, say: Say): void {
  const { enableLargeBatchSplitting, maxBatchSize, maxExecutionBatchSize } = config;
  if (!enableLargeBatchSplitting) {
    if (maxExecutionBatchSize === undefined) return;
    const reason = "maxExecutionBatchSize has no effect while requests are not split";
    say("warning", "execution-size", "maxExecutionBatchSize", reason, "set enableLargeBatchSplitting, or leave it out");
    return;
  }
  if (maxExecutionBatchSize === undefined) {
    if (maxBatchSize !== undefined) return;
    const reason =
      "requests are split by a size that the file does not give: the server takes maxBatchSize as it stands there, which is 0";
    say(
      "error",
      "split-without-size",
      "enableLargeBatchSplitting",
      reason,
      "give maxBatchSize or maxExecutionBatchSize",
    );
  } else if (maxExecutionBatchSize > (maxBatchSize ?? DEFAULT_MAX_BATCH_SIZE)) {
    const reason = `maxExecutionBatchSize is ${maxExecutionBatchSize}, above maxBatchSize, ${maxBatchSize ?? `${DEFAULT_MAX_BATCH_SIZE} by default`}: models fail to load`;
    say("error", "execution-size", "maxExecutionBatchSize", reason, "make it maxBatchSize or less");
  }
}
