import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as z from "zod";

/**
 * What each command prints with `--json`, as docs/command-line.schema.json tells it. Strict: a member that is not named
 * here is a change of what programs read.
 *
 *   node test/unit/cli/output-schemas.ts        writes docs/command-line.schema.json anew
 */
const version = z
  .union([z.int().min(0), z.string().regex(/^\d{16,20}$/)])
  .meta({ description: "a number, or its digits as text from 2^53 on" });
const time = z.iso.datetime();
const code = z
  .string()
  .regex(/^[A-Z_]+$/)
  .meta({ description: "one of the 16 names of gRPC" });
const texts = <T extends z.ZodType>(value: T) => z.record(z.string(), value);

const modelSpec = z.strictObject({
  name: z.string(),
  version: version.optional(),
  signatureName: z.string().optional(),
});
const versions = z.array(
  z.strictObject({
    version,
    state: z.enum(["UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END"]),
    error: z.strictObject({ code, message: z.string() }).optional(),
  }),
);
const specs = texts(
  z.strictObject({
    dtype: z.string(),
    shape: z.array(z.int().min(-1)).nullable().meta({ description: "-1 is any length, null any number of axes" }),
    tensorName: z.string(),
  }),
);
const status = z.enum(["pass", "warn", "fail", "inconclusive"]);
const level = z.enum(["connect", "alive", "loaded", "predicts", "stable"]);
const problem = z.strictObject({
  severity: z.enum(["error", "warning"]),
  rule: z.string(),
  path: z.string(),
  reason: z.string(),
  remedy: z.string(),
  line: z.int().min(1).optional(),
  column: z.int().min(1).optional(),
});
const plan = {
  changes: z.array(z.looseObject({ action: z.string(), model: z.string() })),
  unchanged: z.array(z.string()),
  problems: z.array(problem),
};

/** In a file of the server any int64 may stand. */
const fileVersion = z.union([z.int(), z.string().regex(/^-?\d{16,19}$/)]);
const bytes = z.union([z.string(), z.strictObject({ b64: z.string() })]);
const packed = z.strictObject({ typeUrl: z.string(), value: bytes });
const rate = z.union([z.number(), z.string()]).meta({ description: "NaN and infinities are texts" });
const loggingConfig = z.strictObject({
  logCollectorConfig: z.strictObject({ type: z.string().optional(), filenamePrefix: z.string().optional() }).optional(),
  samplingConfig: z
    .strictObject({
      samplingRate: rate.optional(),
      perTaskSamplingConfigs: z
        .array(
          z.strictObject({
            dc: z.string().optional(),
            taskIndex: z.int().optional(),
            samplingRate: rate.optional(),
          }),
        )
        .optional(),
      attributes: z.int().optional(),
    })
    .optional(),
  customLoggingConfig: packed.optional(),
});
const modelConfig = z.strictObject({
  models: z.array(
    z.strictObject({
      name: z.string(),
      basePath: z.string(),
      platform: z.string(),
      modelType: z.union([z.enum(["MODEL_TYPE_UNSPECIFIED", "TENSORFLOW", "OTHER"]), z.int()]).optional(),
      versionPolicy: z
        .union([
          z.literal("all"),
          z.strictObject({ latest: z.int().min(0) }),
          z.strictObject({ specific: z.array(fileVersion) }),
        ])
        .optional(),
      versionLabels: texts(fileVersion).optional(),
      loggingConfig: loggingConfig.optional(),
    }),
  ),
  customModelConfig: packed.optional(),
});
const batchingParameters = z.strictObject({
  maxBatchSize: z.int().optional(),
  batchTimeoutMicros: z.int().optional(),
  maxEnqueuedBatches: z.int().optional(),
  numBatchThreads: z.int().optional(),
  threadPoolName: z.string().optional(),
  enableLargeBatchSplitting: z.boolean().optional(),
  maxExecutionBatchSize: z.int().optional(),
  allowedBatchSizes: z.array(z.int()).optional(),
  padVariableLengthInputs: z.boolean().optional(),
});
const monitoringConfig = z.strictObject({
  prometheus: z.strictObject({ enable: z.boolean(), path: z.string().optional() }).optional(),
});

const count = z.int().min(0);
const seconds = z.number().min(0);
const quantiles = z.strictObject({ count, p50Ms: z.number(), p90Ms: z.number(), p99Ms: z.number() });
const serverFigures = z.strictObject({
  seconds: seconds.optional(),
  restarted: z.boolean(),
  partial: z.boolean(),
  requests: z.number(),
  requestsPerSecond: z.number().optional(),
  byStatus: texts(z.number()),
  errorRatio: z.number().optional(),
  latency: quantiles.optional(),
  runtime: quantiles.optional(),
  queueing: quantiles.optional(),
  batches: z.strictObject({ count, meanRows: z.number().optional(), fill: z.number().optional() }).optional(),
});
const verdict = z.enum(["leak", "suspected", "stable", "inconclusive"]);
const line = { startBytes: z.number(), endBytes: z.number() };
const soakSample = z.strictObject({
  predictions: count,
  atMs: z.number(),
  bytes: z.number(),
  latencyMs: z.number().optional(),
});
const probe = z.strictObject({
  state: z.enum(["on", "paused", "off"]),
  sent: count,
  failed: count,
  last: z
    .strictObject({ status, output: z.string(), latencyMs: z.number().optional(), secondsAgo: seconds })
    .optional(),
  secondsToNext: seconds.optional(),
  latencyMs: z.strictObject({ p50: z.number(), p90: z.number(), max: z.number(), count }).optional(),
});
const guard = z.strictObject({
  verdict,
  output: z.string(),
  fuse: z.strictObject({ disarmed: z.string().optional(), alarm: z.boolean(), secondsToLimit: seconds.optional() }),
  step: z.enum(["prediction", "second"]),
  growthPerStep: z.number().optional(),
  bytes: z.number().optional(),
  limitBytes: z.number().optional(),
  secondsToLimit: seconds.optional(),
  restarts: count,
  samples: count,
  windows: z.array(z.strictObject({ fromSecondsAgo: seconds, toSecondsAgo: seconds, ...line })),
});

export const OUTPUT_SCHEMAS = {
  status: z.strictObject({ versions }),
  "status --watch": z
    .union([
      z.strictObject({ time, model: z.string(), versions }),
      z.strictObject({
        time,
        model: z.string(),
        error: z.strictObject({ code, kind: z.string(), message: z.string() }),
      }),
    ])
    .meta({ description: "a line a change" }),
  metadata: z.strictObject({
    modelSpec,
    signatures: texts(z.strictObject({ methodName: z.string(), inputs: specs, outputs: specs })),
  }),
  predict: z.strictObject({
    modelSpec,
    outputs: texts(
      z.strictObject({
        dtype: z.string(),
        shape: z.array(z.int().min(0)),
        values: z.unknown().meta({ description: "nested lists; integers from 2^53 on, NaN and Infinity are texts" }),
      }),
    ),
  }),
  classify: z.strictObject({
    modelSpec,
    results: z.array(z.array(z.strictObject({ label: z.string(), score: z.number() }))),
  }),
  regress: z.strictObject({ modelSpec, results: z.array(z.number()) }),
  wait: z.strictObject({
    model: z.string(),
    level,
    waitedMs: z.int().min(0),
    output: z.string(),
    version: version.optional(),
    state: z.string().optional(),
  }),
  health: z.strictObject({
    status,
    level,
    output: z.string(),
    time,
    ageMs: z.number().min(0),
    predictions: z.int().min(0),
    synthetic: z.boolean().optional(),
    checks: texts(
      z.strictObject({
        status,
        output: z.string(),
        time,
        observedValue: z.union([z.number(), z.string()]).optional(),
        observedUnit: z.string().optional(),
      }),
    ),
  }),
  watch: z
    .strictObject({
      time,
      elapsedMs: count,
      model: z.string(),
      endpoint: z.string(),
      versions: versions.optional(),
      statusError: z.string().optional(),
      probe,
      memory: guard.optional(),
      server: serverFigures.optional(),
      serverError: z.string().optional(),
    })
    .meta({ description: "a line a look" }),
  soak: z.strictObject({
    verdict,
    output: z.string(),
    model: z.string(),
    end: z.enum(["done", "fuse", "failures", "memory", "restart", "signal"]),
    predictions: count,
    failures: count,
    synthetic: z.boolean(),
    suspectedAfter: count.optional(),
    bytesPerPrediction: z.number().optional(),
    leastBytesPerPrediction: z.number().optional(),
    mostBytesPerPrediction: z.number().optional(),
    bytesPerSecond: z.number().optional(),
    startBytes: z.number().optional(),
    endBytes: z.number().optional(),
    growthBytes: z.number().optional(),
    noiseBytes: z.number().optional(),
    limitBytes: z.number().optional(),
    predictionsToLimit: count.optional(),
    secondsToLimit: seconds.optional(),
    durationMs: z.number(),
    latencyMs: z.strictObject({ p50: z.number(), p90: z.number(), p99: z.number(), max: z.number() }).optional(),
    server: serverFigures.optional(),
    samples: z.array(soakSample),
    windows: z
      .array(z.strictObject({ first: count, last: count, ...line }))
      .meta({ description: "what was judged: first and last are indexes of samples" }),
  }),
  doctor: z.strictObject({
    status: z.enum(["ok", "warning", "error"]),
    addresses: z.array(z.string()),
    findings: z.array(
      z.union([
        z.strictObject({ check: z.string(), severity: z.enum(["ok", "info"]), found: z.string() }),
        z.strictObject({
          check: z.string(),
          severity: z.enum(["warning", "error"]),
          found: z.string(),
          advice: z.string(),
        }),
      ]),
    ),
  }),
  "config check": z.strictObject({
    files: z.array(z.strictObject({ file: z.string(), problems: z.array(problem) })),
  }),
  "config print": z
    .union([modelConfig, batchingParameters, monitoringConfig])
    .meta({ description: "by the kind of the file: models, batching or monitoring" }),
  "config plan": z.strictObject(plan),
  reload: z.strictObject({ ...plan, reloaded: z.boolean() }),
  error: z
    .strictObject({
      error: z.strictObject({
        exitCode: z.int().min(1).max(5),
        exit: z.enum(["usage", "connect", "rpc", "unhealthy", "inconclusive"]),
        message: z.string(),
        code: code.optional(),
        kind: z.string().optional(),
        operation: z.string().optional(),
        model: z.string().optional(),
        endpoint: z.string().optional(),
        retryable: z.boolean().optional(),
        hint: z.string().optional(),
      }),
    })
    .meta({ description: "of any command, on standard error" }),
} as const;

/** The same as JSON Schema, for programs in any language. */
export function toJsonSchema(): object {
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "What the commands of tfserving print with --json",
    $defs: Object.fromEntries(
      Object.entries(OUTPUT_SCHEMAS).map(([name, schema]) => {
        const { $schema: _same, ...rest } = z.toJSONSchema(schema);
        return [name, rest];
      }),
    ),
  };
}

export const SCHEMA_FILE = fileURLToPath(new URL("../../../docs/command-line.schema.json", import.meta.url));

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(SCHEMA_FILE, `${JSON.stringify(toJsonSchema(), null, 2)}\n`);
}
