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
  "config check": z.strictObject({
    files: z.array(z.strictObject({ file: z.string(), problems: z.array(problem) })),
  }),
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
