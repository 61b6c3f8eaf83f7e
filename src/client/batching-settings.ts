import type { BatchingOptions, BatchingSettings } from "../contract/batching.ts";

/** What the option `batching` may be on each level. */
export type BatchingChoice = boolean | BatchingOptions | undefined;

/** See docs/batching.md for what speaks for each. */
const DEFAULT_MAX_BATCH_SIZE = 64;
const DEFAULT_MAX_BATCH_BYTES = 3 * 2 ** 20;
const DEFAULT_MAX_ENQUEUED_BATCHES = 32;

const DEFAULTS = toSettings({});
const known = new WeakMap<BatchingOptions, BatchingSettings>();

/**
 * What is in force for a call: the call's own choice, else its handle's, else the client's. `true` switches on what is
 * set further out, else the defaults. Undefined where it is off.
 */
export function batchingOf(
  call: BatchingChoice,
  handle: BatchingChoice,
  client: BatchingChoice,
): BatchingSettings | undefined {
  const choice = call ?? handle ?? client;
  if (choice === undefined || choice === false) return undefined;
  if (typeof choice === "object") return settingsOf(choice);
  if (typeof handle === "object") return settingsOf(handle);
  return typeof client === "object" ? settingsOf(client) : DEFAULTS;
}

/** What stands between two members of the option; undefined when nothing does. */
export function batchingProblem({ maxBatchSize, allowedBatchSizes }: BatchingOptions): string | undefined {
  if (allowedBatchSizes === undefined) return undefined;
  const last = allowedBatchSizes.at(-1);
  if (allowedBatchSizes.some((size, index) => index > 0 && size <= allowedBatchSizes[index - 1]!)) {
    return `option "batching.allowedBatchSizes" must rise, got [${allowedBatchSizes.join(", ")}]`;
  }
  if (maxBatchSize !== undefined && maxBatchSize !== last) {
    return `option "batching.maxBatchSize" must be the last of "batching.allowedBatchSizes" (${last}), got ${maxBatchSize}`;
  }
  return undefined;
}

/** Kept for each object: options are read with every call, and written down once. */
function settingsOf(options: BatchingOptions): BatchingSettings {
  let settings = known.get(options);
  if (settings === undefined) {
    settings = toSettings(options);
    known.set(options, settings);
  }
  return settings;
}

function toSettings(options: BatchingOptions): BatchingSettings {
  const { allowedBatchSizes = [], batchTimeoutMs = 0 } = options;
  return {
    maxBatchSize: options.maxBatchSize ?? allowedBatchSizes.at(-1) ?? DEFAULT_MAX_BATCH_SIZE,
    batchTimeoutMs,
    maxBatchBytes: options.maxBatchBytes ?? DEFAULT_MAX_BATCH_BYTES,
    maxEnqueuedBatches: options.maxEnqueuedBatches ?? DEFAULT_MAX_ENQUEUED_BATCHES,
    allowedBatchSizes: [...allowedBatchSizes],
    padVariableLengthInputs: options.padVariableLengthInputs ?? false,
    // Who asks for a time wants it kept, and a slot may be taken for longer.
    maxInFlight: options.maxInFlight ?? (batchTimeoutMs > 0 ? Number.POSITIVE_INFINITY : undefined),
  };
}
