import * as z from "zod/mini";
import { describeType, describeValue } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import { headerProblem } from "../policies/headers.ts";
import { batchingProblem } from "./batching-settings.ts";

/**
 * What each option may be, by name. A schema's `error` is the end of the sentence `option "x" must be …`. Made inside
 * functions: a program that imports the package and makes no client builds none of them.
 */
export type Shape = Record<string, z.ZodMiniType>;

/** A set of options that refuses names it does not know. */
export type OptionsSchema = z.ZodMiniObject<Shape>;

export function optionsSchema(shape: Shape): OptionsSchema {
  return z.strictObject(shape);
}

const TLS_MIN_VERSIONS = ["TLSv1.2", "TLSv1.3"] as const;

/** The options of a call but `signal`: the defaults a client or a handle can set. */
export function callDefaultsShape(): Shape {
  return {
    timeoutMs: milliseconds(0),
    attemptTimeoutMs: milliseconds("above 0"),
    maxRetries: whole("a whole number from 0", Number.MAX_SAFE_INTEGER, 0),
    idempotent: z.optional(z.boolean("true or false")),
    headers: z.optional(z.custom(isRecord, "an object of header values by name")),
    onResponse: optionalFunction(),
    format: z.optional(z.enum(["columnar", "row"], '"columnar" or "row"')),
    compression: z.optional(z.enum(["gzip", "none"], '"gzip" or "none"')),
    batching: z.optional(
      z.custom((value) => typeof value === "boolean" || isRecord(value), "true, false or an object"),
    ),
  };
}

export function callOptionsShape(): Shape {
  return { ...callDefaultsShape(), signal: z.optional(z.custom(isSignal, "an AbortSignal")) };
}

/** What was given for the options that are an object or `false`. */
export type GivenObjects = {
  readonly [name in "keepalive" | "balancing" | "circuitBreaker" | "retry" | "hedging" | "concurrency"]?: unknown;
};

export function clientOptionsShape(given: GivenObjects | null | undefined): Shape {
  const pem = () => z.optional(z.custom(isPem, "PEM text or its bytes"));
  return {
    ...callDefaultsShape(),
    auth: z.optional(
      z.custom(
        (value) => typeof value === "function" || (typeof value === "string" && value !== ""),
        "a non-empty string or a function",
      ),
    ),
    allowInsecureCredentials: z.optional(z.boolean("true or false")),
    tls: z.optional(
      z.strictObject(
        {
          ca: pem(),
          cert: pem(),
          key: pem(),
          serverName: z.optional(z.custom((value) => typeof value === "string" && value !== "", "a host name")),
          minVersion: z.optional(z.enum(TLS_MIN_VERSIONS, '"TLSv1.2" or "TLSv1.3"')),
        },
        "an object",
      ),
    ),
    maxMessageBytes: whole("a whole number of bytes from 1 to 2147483647", 2 ** 31 - 1),
    connectTimeoutMs: milliseconds("above 0"),
    keepalive: objectOrFalse(given?.keepalive, {
      timeMs: milliseconds("above 0"),
      timeoutMs: milliseconds("above 0"),
    }),
    retry: z.optional(
      z.strictObject(
        {
          budget: objectOrFalse((given?.retry as { readonly budget?: unknown } | null | undefined)?.budget, {
            ratio: between("a number from 0 to 1", (value) => value >= 0 && value <= 1),
            perSecond: between("a number from 0", (value) => value >= 0),
            burst: between("a number from 1", (value) => value >= 1),
          }),
          baseDelayMs: milliseconds(0),
          throttleDelayMs: milliseconds(0),
          maxDelayMs: milliseconds(0),
        },
        "an object",
      ),
    ),
    hedging: objectOrFalse(given?.hedging, {
      delayMs: z.custom((value) => typeof value === "number" && value > 0, "a number of milliseconds above 0"),
      maxHedges: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
    }),
    concurrency: objectOrFalse(given?.concurrency, {
      initialLimit: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
      maxLimit: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
      maxQueue: whole("a whole number from 0", Number.MAX_SAFE_INTEGER, 0),
    }),
    balancing: objectOrFalse(given?.balancing, {
      refreshMs: milliseconds("above 0"),
      lookup: optionalFunction(),
      ejectAfterFaults: count(),
      ejectMs: milliseconds("above 0"),
      maxEjectMs: milliseconds("above 0"),
      maxEjectedPercent: between("a number from 0 to 100", (value) => value >= 0 && value <= 100),
    }),
    circuitBreaker: objectOrFalse(given?.circuitBreaker, {
      faults: count(),
      ratio: between("a number above 0, to 1", (value) => value > 0 && value <= 1),
      minCalls: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
      windowMs: milliseconds("above 0"),
      openMs: milliseconds("above 0"),
      maxOpenMs: milliseconds("above 0"),
    }),
    connections: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
    middleware: z.optional(
      z.array(
        z.custom((value) => typeof value === "function", "a function"),
        "an array of functions",
      ),
    ),
    onEvent: optionalFunction(),
    instrumentation: z.optional(
      z.custom(isInstrumentation, "an object with the methods onEvent, aroundCall or aroundAttempt"),
    ),
    logger: z.optional(z.custom(isLogger, "an object with the methods debug, info, warn or error")),
  };
}

export function modelOptionsShape(): Shape {
  const { onResponse: _, ...defaults } = callDefaultsShape();
  return {
    ...defaults,
    version: z.optional(z.unknown()),
    versionLabel: z.optional(z.unknown()),
    signatureName: z.optional(z.custom((value) => typeof value === "string" && value !== "", "a non-empty string")),
    signature: z.optional(z.enum(["load", "none"], '"load" or "none"')),
  };
}

export function manyOptionsShape(): Shape {
  return {
    ...callOptionsShape(),
    // Looked at with each prediction.
    outputFilter: z.optional(z.unknown()),
    concurrency: whole("a whole number from 1", Number.MAX_SAFE_INTEGER),
    ordered: z.optional(z.boolean("true or false")),
    onProgress: optionalFunction(),
  };
}

export function waitOptionsShape(): Shape {
  const { timeoutMs, signal } = callOptionsShape();
  return { timeoutMs: timeoutMs!, signal: signal!, pollIntervalMs: milliseconds("above 0") };
}

/**
 * Looks for the first mistake in options. The text names the option, what it must be and what was found; of options
 * that may hold a secret only the type is shown.
 */
export function optionsProblem(schema: OptionsSchema, options: unknown): string | undefined {
  if (options === undefined) return undefined;
  if (!isRecord(options)) return `the options must be an object, got ${describeType(options)}`;
  // No code generation: it is switched off in hardened processes, and options are read once.
  const result = schema.safeParse(options, { jitless: true });
  const issue = result.error?.issues[0];
  if (issue !== undefined) return explain(issue, schema.def.shape, options);
  return headersProblem(options["headers"]) ?? batchingOptionProblem(options["batching"]);
}

function explain(issue: z.core.$ZodIssue, shape: Shape, options: unknown): string {
  const path = issue.path.map(String);
  if (issue.code === "unrecognized_keys") {
    const unknown = issue.keys[0] ?? "";
    const known = path.reduce((under, part) => shapeOf(under[part]), shape);
    const prefix = path.map((part) => `${part}.`).join("");
    const meant = didYouMean(unknown, Object.keys(known)).replace('"', `"${prefix}`);
    return `unknown option ${quote(prefix + unknown)}${meant}`;
  }
  let found = options;
  for (const part of path) found = (found as Record<string, unknown> | undefined)?.[part];
  const name = path.reduce((all, part) => (/^\d+$/.test(part) ? `${all}[${part}]` : `${all}.${part}`));
  return `option ${quote(name)} must be ${issue.message}, got ${SECRET.has(name) ? typeOfSecret(found) : describeValue(found)}`;
}

/** Where a secret may stand, or be put by mistake. */
const SECRET = new Set(["auth", "tls", "tls.ca", "tls.cert", "tls.key", "headers", "credentials"]);

/** An environment variable that is not set is what an empty one mostly is. */
function typeOfSecret(value: unknown): string {
  return value === "" ? "an empty string" : describeType(value);
}

function shapeOf(schema: z.ZodMiniType | undefined): Shape {
  if (schema instanceof z.ZodMiniOptional) return shapeOf(schema.def.innerType as z.ZodMiniType);
  return schema instanceof z.ZodMiniObject ? (schema.def.shape as Shape) : {};
}

/** Apart from the rest, so that a message names the member that is wrong and not all that `batching` may be. */
function batchingOptionProblem(batching: unknown): string | undefined {
  if (!isRecord(batching)) return undefined;
  const size = "a whole number from 1";
  const most = Number.MAX_SAFE_INTEGER;
  const members: Shape = {
    maxBatchSize: whole(size, most),
    batchTimeoutMs: milliseconds(0),
    maxBatchBytes: whole(size, most),
    maxEnqueuedBatches: whole(size, most),
    allowedBatchSizes: z.optional(z.custom(isListOfSizes, "a list of at least one whole number from 1")),
    padVariableLengthInputs: z.optional(z.boolean("true or false")),
    maxInFlight: z.optional(
      z.custom((value) => value === Number.POSITIVE_INFINITY || isSize(value), `${size}, or Infinity`),
    ),
  };
  const schema = z.strictObject({ batching: z.strictObject(members) });
  const issue = schema.safeParse({ batching }, { jitless: true }).error?.issues[0];
  return issue === undefined ? batchingProblem(batching) : explain(issue, schema.def.shape, { batching });
}

function isListOfSizes(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(isSize);
}

function isSize(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function headersProblem(headers: unknown): string | undefined {
  for (const [name, value] of Object.entries(headers ?? {})) {
    const problem = headerProblem(name, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function milliseconds(from: 0 | "above 0"): z.ZodMiniType {
  const fits = (value: unknown) => typeof value === "number" && (from === 0 ? value >= 0 : value > 0);
  return z.optional(z.custom(fits, `a number of milliseconds ${from === 0 ? "from 0" : "above 0"}`));
}

function whole(wanted: string, most: number, least = 1): z.ZodMiniType {
  return z.optional(
    z.custom((value) => Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most, wanted),
  );
}

/** A whole number from 1, or `Infinity` for never. */
function count(): z.ZodMiniType {
  const fits = (value: number) => value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1);
  return between("a whole number from 1, or Infinity", fits);
}

function between(wanted: string, fits: (value: number) => boolean): z.ZodMiniType {
  return z.optional(z.custom((value) => typeof value === "number" && fits(value), wanted));
}

/** Chosen by what was given, so that a message names the member that is wrong and not the whole union. */
function objectOrFalse(given: unknown, shape: Shape): z.ZodMiniType {
  return given === false ? z.literal(false) : z.optional(z.strictObject(shape, "an object, or false"));
}

function optionalFunction(): z.ZodMiniType {
  return z.optional(z.custom((value) => typeof value === "function", "a function"));
}

/** Node takes a CA that is no PEM, an empty one too, for none, and then trusts other certificates than were meant. */
function isPem(value: unknown): boolean {
  const text = value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : value;
  return typeof text === "string" && text.includes("-----BEGIN ");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isSignal(value: unknown): boolean {
  const signal = value as Partial<AbortSignal> | null | undefined;
  return (
    typeof signal?.aborted === "boolean" &&
    typeof signal.addEventListener === "function" &&
    typeof signal.removeEventListener === "function"
  );
}

function isLogger(value: unknown): boolean {
  return hasSomeOf(value, ["debug", "info", "warn", "error"]);
}

function isInstrumentation(value: unknown): boolean {
  return hasSomeOf(value, ["onEvent", "aroundCall", "aroundAttempt"]);
}

/** Whether it is an object with at least one of these methods, and none of these names for anything else. */
function hasSomeOf(value: unknown, names: readonly string[]): boolean {
  if (typeof value !== "object" || value === null) return false;
  const methods = names.map((name) => (value as Record<string, unknown>)[name]);
  return (
    methods.some((method) => typeof method === "function") &&
    methods.every((method) => method === undefined || typeof method === "function")
  );
}
