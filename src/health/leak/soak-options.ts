import type { ServingClient } from "../../client/serving-client.ts";
import type { InputSource } from "../../contract/input-source.ts";
import type { Version, VersionChoice } from "../../contract/model-spec.ts";
import { type InputsOption, readInputs } from "../inputs/given-inputs.ts";
import { isMemoryInput, type MemoryInput } from "../memory/memory-source.ts";
import type { ServerFigures } from "../metrics/server-figures.ts";
import { isRecord, OptionChecks } from "../option-checks.ts";
import type { LeakVerdict } from "./leak-rule.ts";

/** Where a soak stands. */
export interface SoakProgress {
  readonly predictions: number;
  readonly failures: number;
  /** Memory now, and how much it has grown since before the first prediction; undefined where it cannot be read. */
  readonly bytes: number | undefined;
  readonly growthBytes: number | undefined;
  /** As far as can be told by now: judged anew every 20 predictions. */
  readonly verdict: LeakVerdict;
}

/** Reads the server's own figures; `createServerMetrics()` makes one. */
export interface FiguresSource {
  read(options: { readonly signal: AbortSignal }): Promise<ServerFigures>;
  readonly requestCount: RequestCounter;
}

/** Counts predictions where they are made: the server's own count includes those of others. */
export type RequestCounter = (options: { readonly signal: AbortSignal }) => Promise<number>;

/** Whom to soak, how long, and where memory is read. */
export type SoakOptions = VersionChoice & {
  readonly model: string;
  /** Where the memory of the server's process is read. */
  readonly memory: MemoryInput;
  /**
   * How many predictions to send, one after another, with one reading of memory after each. 20 can only raise suspicion,
   * 100 say leak or stable, 200 see 1 MB a prediction.
   * @default 100, or as many as fit where `durationMs` is given
   */
  readonly predictions?: number | undefined;
  /** Ends the soak after this time, in milliseconds. @default no limit but `predictions` */
  readonly durationMs?: number | undefined;
  /** @default "serving_default" */
  readonly signatureName?: string | undefined;
  /**
   * What to predict: inputs by name, `randomInputs()` anew for each prediction, or the requests of `warmUpInputs()` in
   * turn. Left out, zeros are made up from the signature. The report says `synthetic` where values were made up.
   */
  readonly inputs?: InputsOption | undefined;
  /**
   * Growth in bytes at which no further prediction is sent: the check must not do the damage itself.
   * @default 1e9, or 5 % of the memory limit where that is less
   */
  readonly fuseBytes?: number | undefined;
  /** How long one prediction may take, in milliseconds. @default 30_000 */
  readonly timeoutMs?: number | undefined;
  /** Pause after each prediction, in milliseconds: for sources that measure seldom. @default 0 */
  readonly pauseMs?: number | undefined;
  /**
   * The server's own count of predictions, where others use it too: growth is then divided by all of them.
   * @default that of `metrics`, else the predictions that the soak has sent
   */
  readonly requestCount?: RequestCounter | undefined;
  /**
   * The server's page of metrics: growth is divided by its count of predictions, and the report has the server's figures
   * beside the client's.
   */
  readonly metrics?: FiguresSource | undefined;
  /** Ends the soak; what was found by then is reported. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each prediction. What it throws ends the soak. */
  readonly onProgress?: ((progress: SoakProgress) => void) | undefined;
};

/** The options with every default filled in. */
export interface SoakSettings {
  readonly model: string;
  readonly version: Version | undefined;
  readonly versionLabel: string | undefined;
  readonly signatureName: string | undefined;
  readonly inputs: InputSource;
  readonly memory: MemoryInput;
  readonly predictions: number;
  readonly durationMs: number;
  readonly fuseBytes: number | undefined;
  readonly timeoutMs: number;
  readonly pauseMs: number;
  readonly requestCount: RequestCounter | undefined;
  readonly metrics: FiguresSource | undefined;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SoakProgress) => void) | undefined;
}

const NAMES = [
  "model",
  "version",
  "versionLabel",
  "memory",
  "predictions",
  "durationMs",
  "signatureName",
  "inputs",
  "fuseBytes",
  "timeoutMs",
  "pauseMs",
  "requestCount",
  "metrics",
  "signal",
  "onProgress",
];

/** @throws TypeError for an option that is unknown or wrong */
export function readSoakOptions(client: ServingClient, options: SoakOptions): SoakSettings {
  const checks = new OptionChecks("soak");
  if (typeof client?.model !== "function")
    throw checks.wrong("the first argument", "a client made by createClient()", client);
  if (!isRecord(options)) throw checks.wrong("the second argument", "an object of options", options);
  checks.known(options, NAMES);
  if (!isMemoryInput(options.memory)) throw checks.wrong("memory", "a memory source or a function", options.memory);
  const { signal, metrics } = options;
  if (metrics !== undefined && typeof metrics?.read !== "function") {
    throw checks.wrong("metrics", "made by createServerMetrics()", metrics);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw checks.wrong("signal", "an AbortSignal", signal);
  return {
    model: checks.model(options.model),
    ...checks.version(options),
    signatureName: checks.text("signatureName", options.signatureName),
    inputs: readInputs(checks, options.inputs),
    memory: options.memory,
    predictions: checks.whole(
      "predictions",
      options.predictions,
      options.durationMs === undefined ? 100 : Number.MAX_SAFE_INTEGER,
      10,
    ),
    durationMs: checks.milliseconds("durationMs", options.durationMs, Number.POSITIVE_INFINITY, 1),
    fuseBytes: checks.amount("fuseBytes", options.fuseBytes),
    timeoutMs: checks.milliseconds("timeoutMs", options.timeoutMs, 30_000, 1),
    pauseMs: checks.milliseconds("pauseMs", options.pauseMs, 0, 0),
    requestCount: checks.callback("requestCount", options.requestCount) ?? metrics?.requestCount,
    metrics,
    signal,
    onProgress: checks.callback("onProgress", options.onProgress),
  };
}
