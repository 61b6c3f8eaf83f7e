import type { ServingClient } from "../client/serving-client.ts";
import type { Version, VersionChoice } from "../contract/model-spec.ts";
import { describeValue } from "../internal/describe-value.ts";
import { didYouMean } from "../internal/did-you-mean.ts";
import { quote } from "../internal/quote.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import type { HealthLevel } from "./health-report.ts";

/** Judges the outputs: `true` is well, `false` or a reason is not. It must answer at once, without a promise. */
export type OutputPredicate = (outputs: Readonly<Record<string, Tensor>>) => boolean | string;

/** What to check and how deep. Options that only a prediction needs are refused at the lower levels. */
export type HealthCheckOptions = VersionChoice & {
  readonly model: string;
  /**
   * - `alive`: the server answers a status request, with whatever it says. Fits a liveness probe.
   * - `loaded`: the wanted version or label is AVAILABLE. Fits a startup probe; sends no prediction.
   * - `predicts`: a real prediction comes back in time and is as it should be. Fits a readiness probe.
   * @default "predicts"
   */
  readonly level?: HealthLevel | undefined;
  /**
   * How long one `check()` may take in all, in milliseconds; above 0, `Infinity` for no limit.
   * @default 1_000 for alive and loaded, 5_000 for predicts
   */
  readonly timeoutMs?: number | undefined;
  /** @default "serving_default" */
  readonly signatureName?: string | undefined;
  /**
   * What to predict. Left out, inputs are made up from the signature (zeros, empty strings, false; free dimensions 1)
   * and the report says `synthetic`. A real example proves more.
   */
  readonly inputs?: Readonly<Record<string, TensorInput>> | undefined;
  /** What must come out: values by output name (the outputs left out are not compared), or a function that judges. */
  readonly expect?: Readonly<Record<string, TensorInput>> | OutputPredicate | undefined;
  /**
   * Share of the expected value by which a number may differ: |found - expected| <= atol + rtol * |expected|, as
   * numpy's `allclose` has it. An expected NaN or infinity is met by the same value only. Text must be equal.
   * @default 1e-5 for floats and complex numbers (re and im by themselves), 0 for integers and bool
   */
  readonly rtol?: number | undefined;
  /** Amount by which a number may differ in any case. @default 1e-8 for floats and complex numbers, 0 for integers and bool */
  readonly atol?: number | undefined;
  /** A prediction that takes longer fails the check even though it came; in milliseconds. @default no limit but `timeoutMs` */
  readonly maxLatencyMs?: number | undefined;
  /**
   * Least time between the starts of two predictions, in milliseconds. In between, `check()` looks at the status
   * afresh and uses the last prediction's outcome again. 0 predicts each time.
   * @default 30_000
   */
  readonly minIntervalMs?: number | undefined;
};

/** The options with every default filled in. */
export interface HealthSettings {
  readonly model: string;
  readonly level: HealthLevel;
  readonly timeoutMs: number;
  readonly version: Version | undefined;
  readonly versionLabel: string | undefined;
  readonly signatureName: string | undefined;
  readonly inputs: Readonly<Record<string, TensorInput>> | undefined;
  readonly expect: HealthCheckOptions["expect"];
  readonly rtol: number | undefined;
  readonly atol: number | undefined;
  readonly maxLatencyMs: number;
  readonly minIntervalMs: number;
}

const LEVELS: readonly HealthLevel[] = ["alive", "loaded", "predicts"];
const OF_ANY_LEVEL = ["model", "version", "versionLabel", "level", "timeoutMs"];
const OF_PREDICTS = ["signatureName", "inputs", "expect", "rtol", "atol", "maxLatencyMs", "minIntervalMs"];

/** @throws TypeError for an option that is unknown, wrong, or without effect at this level */
export function readHealthOptions(client: ServingClient, options: HealthCheckOptions): HealthSettings {
  if (typeof client?.getModelStatus !== "function" || typeof client.model !== "function") {
    throw wrong("the first argument", "a client made by createClient()", client);
  }
  if (!isRecord(options)) throw wrong("the second argument", "an object of options", options);
  if (typeof options.model !== "string" || options.model === "")
    throw wrong("model", "the name of a model", options.model);

  const level = options.level ?? "predicts";
  if (!LEVELS.includes(level)) throw wrong("level", LEVELS.map((name) => `"${name}"`).join(" or "), level);
  for (const [name, value] of Object.entries(options)) {
    if (OF_ANY_LEVEL.includes(name)) continue;
    if (!OF_PREDICTS.includes(name)) {
      const known = [...OF_ANY_LEVEL, ...OF_PREDICTS];
      throw new TypeError(`createHealthCheck: no option is called ${quote(name)}${didYouMean(name, known)}`);
    }
    if (value !== undefined && level !== "predicts") {
      throw new TypeError(`createHealthCheck: ${name} has an effect only at level "predicts", the level is "${level}"`);
    }
  }
  for (const name of ["rtol", "atol"] as const) {
    if (options[name] !== undefined && typeof options.expect !== "object") {
      throw new TypeError(`createHealthCheck: ${name} has an effect only with expected values: give expect`);
    }
  }
  return {
    model: options.model,
    level,
    timeoutMs: milliseconds("timeoutMs", options.timeoutMs, level === "predicts" ? 5_000 : 1_000, 1),
    ...readVersion(options),
    signatureName: text("signatureName", options.signatureName),
    inputs: readInputs(options.inputs),
    expect: readExpect(options.expect),
    rtol: tolerance("rtol", options.rtol),
    atol: tolerance("atol", options.atol),
    maxLatencyMs: milliseconds("maxLatencyMs", options.maxLatencyMs, Number.POSITIVE_INFINITY, 1),
    minIntervalMs: milliseconds("minIntervalMs", options.minIntervalMs, 30_000, 0),
  };
}

function readVersion(options: HealthCheckOptions): Pick<HealthSettings, "version" | "versionLabel"> {
  const { version, versionLabel } = options;
  if (version !== undefined && versionLabel !== undefined) {
    throw new TypeError("createHealthCheck: version and versionLabel exclude each other, give one of them");
  }
  const whole = typeof version === "bigint" || Number.isSafeInteger(version);
  if (version !== undefined && !(whole && version >= 0)) throw wrong("version", "a whole number from 0", version);
  return { version, versionLabel: text("versionLabel", versionLabel) };
}

function readInputs(inputs: HealthCheckOptions["inputs"]): HealthSettings["inputs"] {
  if (inputs !== undefined && !isRecord(inputs)) throw wrong("inputs", "an object of inputs by name", inputs);
  return inputs;
}

function readExpect(expect: HealthCheckOptions["expect"]): HealthSettings["expect"] {
  if (expect === undefined || typeof expect === "function") return expect;
  if (!isRecord(expect)) throw wrong("expect", "an object of outputs by name, or a function", expect);
  if (Object.keys(expect).length === 0)
    throw new TypeError("createHealthCheck: expect names no output, leave it out or name one");
  return expect;
}

function text(name: string, value: string | undefined): string | undefined {
  if (value !== undefined && (typeof value !== "string" || value === ""))
    throw wrong(name, "a text that is not empty", value);
  return value;
}

function milliseconds(name: string, value: number | undefined, otherwise: number, least: number): number {
  if (value === undefined) return otherwise;
  if (typeof value !== "number" || !(value >= least)) throw wrong(name, `milliseconds from ${least}`, value);
  return value;
}

function tolerance(name: string, value: number | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !(value >= 0) || value === Number.POSITIVE_INFINITY)
    throw wrong(name, "a number from 0", value);
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function wrong(name: string, expected: string, found: unknown): TypeError {
  return new TypeError(`createHealthCheck: ${name} must be ${expected}, got ${describeValue(found)}`);
}
