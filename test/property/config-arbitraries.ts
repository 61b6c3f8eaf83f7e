import type { BatchingParameters } from "../../src/config/batching-parameters.ts";
import type { FileModelConfig, ModelServerConfig } from "../../src/config/model-server-config.ts";
import type { MonitoringConfig } from "../../src/config/monitoring-config.ts";
import fc from "./fast-check.ts";

const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 12 }),
  fc.string({ unit: "binary", maxLength: 8 }),
  fc.constantFrom("", "__proto__", "toString", '"', "\\", "\n", "\0", "#", "\u202e", "'"),
);

/** A version as this library gives it back: a number while it is exact. */
const version = fc
  .oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: 0n, max: 100n }))
  .map((value) => (Number.isSafeInteger(Number(value)) ? Number(value) : value));

/** Without the keys whose value is undefined, as configurations come out of a file. */
function defined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined)) as T;
}

function optional<T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> {
  return fc.option(arbitrary, { nil: undefined });
}

/** A member that is not empty: protobuf cannot tell empty text from none. */
const filled = text.filter((value) => value !== "");
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const packed = fc.record({ typeUrl: text, value: fc.uint8Array({ maxLength: 8 }) });

const labels = fc
  .array(fc.tuple(text, version), { maxLength: 4 })
  .map((entries) => (entries.length === 0 ? undefined : fromEntries(entries)));

function fromEntries<T>(entries: readonly (readonly [string, T])[]): Record<string, T> {
  const record: Record<string, T> = Object.create(null);
  for (const [key, value] of entries) record[key] = value;
  return record;
}

const sampling = fc
  .record({
    samplingRate: optional(fc.double().map((value) => (Number.isNaN(value) ? Number.NaN : value))),
    perTaskSamplingConfigs: optional(
      fc.array(
        fc
          .record({ dc: optional(filled), taskIndex: optional(int32), samplingRate: optional(fc.double()) })
          .map(defined),
        { minLength: 1, maxLength: 2 },
      ),
    ),
    attributes: optional(int32),
  })
  .map(defined);

const logging = fc
  .record({
    logCollectorConfig: optional(fc.record({ type: filled, filenamePrefix: filled })),
    samplingConfig: optional(sampling),
    customLoggingConfig: optional(packed),
  })
  .map(defined);

const model: fc.Arbitrary<FileModelConfig> = fc
  .record({
    name: text,
    basePath: text,
    platform: text,
    modelType: optional(
      fc.oneof(
        fc.constantFrom("MODEL_TYPE_UNSPECIFIED" as const, "TENSORFLOW" as const, "OTHER" as const),
        int32.filter((value) => value < 0 || value > 2),
      ),
    ),
    versionPolicy: optional(
      fc.oneof(
        fc.constant("all" as const),
        fc.record({ latest: fc.integer({ min: 0, max: 2 ** 32 - 1 }) }),
        fc.record({ specific: fc.array(version, { maxLength: 4 }) }),
      ),
    ),
    versionLabels: labels,
    loggingConfig: optional(logging),
  })
  .map(defined);

/** Model configurations as they come out of a file. */
export const modelConfigs: fc.Arbitrary<ModelServerConfig> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ models: fc.array(model, { maxLength: 4 }) }) },
  { weight: 1, arbitrary: packed.map((customModelConfig) => ({ models: [], customModelConfig })) },
);

const size = fc.oneof(fc.integer({ min: -3, max: 2000 }), fc.maxSafeInteger());

export const batchingConfigs: fc.Arbitrary<BatchingParameters> = fc
  .record({
    maxBatchSize: optional(size),
    batchTimeoutMicros: optional(size),
    maxEnqueuedBatches: optional(size),
    numBatchThreads: optional(size),
    threadPoolName: optional(text),
    enableLargeBatchSplitting: optional(fc.boolean()),
    maxExecutionBatchSize: optional(size),
    allowedBatchSizes: optional(fc.array(size, { minLength: 1, maxLength: 4 })),
    padVariableLengthInputs: optional(fc.boolean()),
  })
  .map(defined);

export const monitoringConfigs: fc.Arbitrary<MonitoringConfig> = fc
  .record({
    prometheus: optional(fc.record({ enable: fc.boolean(), path: optional(filled) }).map(defined)),
  })
  .map(defined);
