import type { ServingClient } from "../client/serving-client.ts";
import type { InputSource } from "../contract/input-source.ts";
import type { Version, VersionChoice } from "../contract/model-spec.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { TensorInput } from "../tensor/tensor-input.ts";
import type { HealthLevel } from "./health-report.ts";
import { type InputsOption, readInputs } from "./inputs/given-inputs.ts";
import { isMemoryInput, type MemoryInput } from "./memory/memory-source.ts";
import { isRecord, OptionChecks } from "./option-checks.ts";

/** Judges the outputs: `true` is well, `false` or a reason is not. It must answer at once, without a promise. */
export type OutputPredicate = (outputs: Readonly<Record<string, Tensor>>) => boolean | string;

/** What to check and how deep. Options that have no effect at the level chosen are refused. */
export type HealthCheckOptions = VersionChoice & {
  readonly model: string;
  /**
   * - `connect`: somebody is there, and TLS and the protocol are right. Asks for no model.
   * - `alive`: the server answers a status request, with whatever it says. Fits a liveness probe.
   * - `loaded`: the wanted version or label is AVAILABLE. Fits a startup probe; sends no prediction.
   * - `predicts`: a real prediction comes back in time and is as it should be. Fits a readiness probe.
   * - `stable`: after `predictions` more of them memory has settled. Fits the gate before a rollout, and no probe: each
   *   check sends all of them anew.
   * @default "predicts"
   */
  readonly level?: HealthLevel | undefined;
  /**
   * How long one `check()` may take in all, in milliseconds; above 0, `Infinity` for no limit.
   * @default 1_000 for connect, alive and loaded, 5_000 for predicts, 600_000 for stable
   */
  readonly timeoutMs?: number | undefined;
  /** @default "serving_default" */
  readonly signatureName?: string | undefined;
  /**
   * What to predict: inputs by name, `randomInputs()`, or the first request of `warmUpInputs()`. Left out, inputs are made
   * up from the signature (zeros, empty strings, false; free dimensions 1) and the report says `synthetic`. A real example
   * proves more.
   */
  readonly inputs?: InputsOption | undefined;
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
  /** Where the memory of the server's process is read. Level `stable` needs it. */
  readonly memory?: MemoryInput | undefined;
  /**
   * Level `stable`: how many predictions to judge memory by. 20 can only raise suspicion, 100 say leak or stable, 200 see
   * 1 MB a prediction.
   * @default 100
   */
  readonly predictions?: number | undefined;
  /**
   * Level `stable`: growth in bytes at which no further prediction is sent.
   * @default 1e9, or 5 % of the memory limit where that is less
   */
  readonly fuseBytes?: number | undefined;
};

/** Several checks as one, each under a name of its own. */
export interface CombinedHealthCheckOptions {
  readonly checks: Readonly<Record<string, HealthCheckOptions>>;
}

/** The options with every default filled in. */
export interface HealthSettings {
  readonly model: string;
  readonly level: HealthLevel;
  readonly timeoutMs: number;
  readonly version: Version | undefined;
  readonly versionLabel: string | undefined;
  readonly signatureName: string | undefined;
  readonly inputs: InputSource;
  readonly expect: HealthCheckOptions["expect"];
  readonly rtol: number | undefined;
  readonly atol: number | undefined;
  readonly maxLatencyMs: number;
  readonly minIntervalMs: number;
  readonly memory: MemoryInput | undefined;
  readonly predictions: number;
  readonly fuseBytes: number | undefined;
}

/** How long a check may take where nothing is said; also the list of levels, in rising order. */
const TIMEOUT_MS: Readonly<Record<HealthLevel, number>> = {
  connect: 1_000,
  alive: 1_000,
  loaded: 1_000,
  predicts: 5_000,
  stable: 600_000,
};
const LEVELS = Object.keys(TIMEOUT_MS) as readonly HealthLevel[];
const OF_ANY_LEVEL = ["model", "version", "versionLabel", "level", "timeoutMs"];
const OF_PREDICTS = ["signatureName", "inputs", "expect", "rtol", "atol", "maxLatencyMs", "minIntervalMs"];
const OF_STABLE = ["memory", "predictions", "fuseBytes"];

/** How long a check of this level may take where nothing is said, in milliseconds. */
export function defaultTimeoutMs(level: HealthLevel): number {
  return TIMEOUT_MS[level];
}

/** Whether a level includes another one. */
export function reaches(level: HealthLevel, other: HealthLevel): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(other);
}

/** @throws TypeError for an option that is unknown, wrong, or without effect at this level */
export function readHealthOptions(client: ServingClient, options: HealthCheckOptions): HealthSettings {
  const checks = new OptionChecks("createHealthCheck");
  if (typeof client?.getModelStatus !== "function" || typeof client.model !== "function") {
    throw checks.wrong("the first argument", "a client made by createClient()", client);
  }
  if (!isRecord(options)) throw checks.wrong("the second argument", "an object of options", options);
  const model = checks.model(options.model);
  const level = options.level ?? "predicts";
  if (!LEVELS.includes(level)) throw checks.wrong("level", LEVELS.map((name) => `"${name}"`).join(" or "), level);
  checks.known(options, [...OF_ANY_LEVEL, ...OF_PREDICTS, ...OF_STABLE]);
  refuseIdle(checks, options, level);
  return {
    model,
    level,
    timeoutMs: checks.milliseconds("timeoutMs", options.timeoutMs, TIMEOUT_MS[level], 1),
    ...checks.version(options),
    signatureName: checks.text("signatureName", options.signatureName),
    inputs: readInputs(checks, options.inputs),
    expect: readExpect(checks, options.expect),
    rtol: checks.amount("rtol", options.rtol),
    atol: checks.amount("atol", options.atol),
    maxLatencyMs: checks.milliseconds("maxLatencyMs", options.maxLatencyMs, Number.POSITIVE_INFINITY, 1),
    minIntervalMs: checks.milliseconds("minIntervalMs", options.minIntervalMs, 30_000, 0),
    memory: readMemory(checks, options.memory, level),
    predictions: checks.whole("predictions", options.predictions, 100, 10),
    fuseBytes: checks.amount("fuseBytes", options.fuseBytes),
  };
}

/** Nothing that is set may be without effect. */
function refuseIdle(checks: OptionChecks, options: HealthCheckOptions, level: HealthLevel): void {
  for (const [name, value] of Object.entries(options)) {
    const needs = OF_STABLE.includes(name) ? "stable" : OF_PREDICTS.includes(name) ? "predicts" : "connect";
    if (value === undefined || reaches(level, needs)) continue;
    throw checks.refuse(`${name} has an effect only at level "${needs}", the level is "${level}"`);
  }
  for (const name of ["rtol", "atol"] as const) {
    if (options[name] !== undefined && typeof options.expect !== "object") {
      throw checks.refuse(`${name} has an effect only with expected values: give expect`);
    }
  }
}

function readExpect(checks: OptionChecks, expect: HealthCheckOptions["expect"]): HealthSettings["expect"] {
  if (expect === undefined || typeof expect === "function") return expect;
  if (!isRecord(expect)) throw checks.wrong("expect", "an object of outputs by name, or a function", expect);
  if (Object.keys(expect).length === 0) throw checks.refuse("expect names no output, leave it out or name one");
  return expect;
}

function readMemory(checks: OptionChecks, memory: unknown, level: HealthLevel): MemoryInput | undefined {
  if (memory === undefined && level !== "stable") return undefined;
  if (!isMemoryInput(memory)) throw checks.wrong("memory", "a memory source or a function", memory);
  return memory;
}
