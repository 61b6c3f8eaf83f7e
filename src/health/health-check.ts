import type { ModelHandle } from "../client/model-handle.ts";
import type { ServingClient } from "../client/serving-client.ts";
import type { VersionChoice } from "../contract/model-spec.ts";
import { judgeAlive, judgeConnect } from "./alive.ts";
import { attempt } from "./attempt.ts";
import { CombinedHealthCheck, readCombined } from "./combined-check.ts";
import type { HealthCheck } from "./health-check-type.ts";
import { type HealthClock, systemHealthClock } from "./health-clock.ts";
import {
  type CombinedHealthCheckOptions,
  defaultTimeoutMs,
  type HealthCheckOptions,
  type HealthSettings,
  reaches,
  readHealthOptions,
} from "./health-options.ts";
import { type HealthCheckResult, type HealthLevel, type HealthReport, worstOf } from "./health-report.ts";
import { judgeStable } from "./judge-stable.ts";
import { Soak } from "./leak/soak.ts";
import { judgeLabel, judgeLoaded } from "./loaded.ts";
import type { MemoryInput } from "./memory/memory-source.ts";
import { isRecord } from "./option-checks.ts";
import { tryPrediction } from "./trial.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Makes a health check of one model.
 *
 * A prediction costs the server work and, should it leak, memory: there is never more than one in flight, they start
 * `minIntervalMs` apart at least, and the report counts them. No request is repeated, because a probe that retries
 * hides the fault it looks for.
 *
 * `{ checks: { name: options, … } }` makes one check of several, each with its own model and level; the report then has
 * `name:predicts` and so on.
 *
 * @throws TypeError for an option that is unknown, wrong, or without effect at this level
 * @example
 * const health = createHealthCheck(client, { model: "half_plus_two", inputs: { x: [1, 2, 5] }, expect: { y: [2.5, 3, 4.5] } });
 * const report = await health.check();
 */
export function createHealthCheck(
  client: ServingClient,
  options: HealthCheckOptions | CombinedHealthCheckOptions,
): HealthCheck {
  if (isCombined(options)) {
    const members = Object.entries(readCombined(options)).map(
      ([name, one]) => [name, new ModelHealthCheck(client, readHealthOptions(client, one), systemHealthClock)] as const,
    );
    return new CombinedHealthCheck(members);
  }
  return new ModelHealthCheck(client, readHealthOptions(client, options), systemHealthClock);
}

function isCombined(options: HealthCheckOptions | CombinedHealthCheckOptions): options is CombinedHealthCheckOptions {
  return isRecord(options) && Object.hasOwn(options, "checks");
}

/** What was found, and when the oldest part of it was. */
interface Evidence {
  readonly checks: Readonly<Record<string, HealthCheckResult>>;
  readonly time: string;
  readonly at: number;
}

/** {@link createHealthCheck} with its settings read and its clock handed in. */
export class ModelHealthCheck implements HealthCheck {
  readonly model: string;
  readonly level: HealthLevel;
  readonly #client: ServingClient;
  readonly #settings: HealthSettings;
  readonly #clock: HealthClock;
  /** What is under way, by level. */
  readonly #looking = new Map<HealthLevel, Promise<Evidence>>();
  #trying: Promise<Evidence> | undefined;
  #soaking: Promise<Evidence> | undefined;
  #predictions = 0;
  /** When the last prediction began. */
  #predictedAt = Number.NEGATIVE_INFINITY;
  /** Whether the client still holds on to a prediction, perhaps beyond its time. */
  #predicting = false;
  #lastTrial: Evidence | undefined;

  constructor(client: ServingClient, settings: HealthSettings, clock: HealthClock) {
    this.model = settings.model;
    this.level = settings.level;
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
  }

  async check(options: { readonly level?: HealthLevel | undefined } = {}): Promise<HealthReport> {
    const level = options.level ?? this.level;
    if (!reaches(this.level, level)) {
      throw new TypeError(
        `check: level "${level}" is deeper than "${this.level}", which this health check was made for`,
      );
    }
    let looking = this.#looking.get(level);
    if (looking === undefined) {
      looking = this.#look(level).finally(() => this.#looking.delete(level));
      this.#looking.set(level, looking);
    }
    return this.#report(level, await looking);
  }

  async #look(level: HealthLevel): Promise<Evidence> {
    const { timeoutMs } = this.#settings;
    const limitMs = level === this.level ? timeoutMs : Math.min(timeoutMs, defaultTimeoutMs(level));
    const deadlineAt = this.#clock.now() + limitMs;
    const checks: Record<string, HealthCheckResult> = {};
    if (level === "connect") {
      const connected = await attempt(this.#clock, deadlineAt, ({ maxRetries: _, ...options }) =>
        this.#client.connect(options),
      ).result;
      checks["connect"] = this.#timed(judgeConnect(this.#client.endpoint, connected));
      return this.#stamp(checks);
    }
    const usable = await this.#askStatus(level, checks, deadlineAt);
    if (!usable || !reaches(level, "predicts")) return this.#stamp(checks);

    const trialDeadlineAt =
      level === "predicts" ? deadlineAt : Math.min(deadlineAt, this.#clock.now() + defaultTimeoutMs("predicts"));
    this.#trying ??= this.#trial(trialDeadlineAt).finally(() => {
      this.#trying = undefined;
    });
    const trial = await this.#trying;
    const tried = { ...trial, checks: { ...checks, ...trial.checks } };
    if (level !== "stable" || worstOf(Object.values(tried.checks)).status !== "pass") return tried;

    this.#soaking ??= this.#soak(deadlineAt).finally(() => {
      this.#soaking = undefined;
    });
    const soaked = await this.#soaking;
    return { ...soaked, checks: { ...tried.checks, ...soaked.checks } };
  }

  /** Levels alive and loaded: always looked at afresh. Says whether it makes sense to go on. */
  async #askStatus(
    level: HealthLevel,
    checks: Record<string, HealthCheckResult>,
    deadlineAt: number,
  ): Promise<boolean> {
    const { model, version, versionLabel } = this.#settings;
    const status = await attempt(this.#clock, deadlineAt, (options) =>
      this.#client.getModelStatus({ model, version }, options),
    ).result;
    const alive = judgeAlive(this.#client.endpoint, status);
    checks["alive"] = this.#timed(alive);
    if (alive.status !== "pass" || level === "alive") return false;

    const loaded =
      versionLabel === undefined
        ? judgeLoaded({ model, version }, status)
        : judgeLabel(
            model,
            versionLabel,
            await attempt(this.#clock, deadlineAt, (options) =>
              this.#client.getModelMetadata({ model, versionLabel }, options),
            ).result,
          );
    checks["loaded"] = this.#timed(loaded);
    return loaded.status === "pass" || loaded.status === "warn";
  }

  /** The last prediction's outcome while it is young enough, else that of a new one. */
  async #trial(deadlineAt: number): Promise<Evidence> {
    const young = this.#clock.now() - this.#predictedAt < this.#settings.minIntervalMs;
    if (this.#lastTrial && (young || this.#predicting)) return this.#lastTrial;

    const { verdicts, settled, sentAt } = await tryPrediction({
      settings: this.#settings,
      model: this.#handle(),
      clock: this.#clock,
      deadlineAt,
    });
    const checks: Record<string, HealthCheckResult> = {};
    for (const [name, verdict] of verdicts) checks[name] = this.#timed(verdict);
    const evidence = this.#stamp(checks);
    if (sentAt === undefined) return evidence;

    this.#predictions++;
    this.#predictedAt = sentAt;
    this.#lastTrial = evidence;
    this.#predicting = true;
    void settled.then(() => {
      this.#predicting = false;
    });
    return evidence;
  }

  /** Level stable: all its predictions anew, each time. */
  async #soak(deadlineAt: number): Promise<Evidence> {
    const { memory, fuseBytes, predictions } = this.#settings;
    const abort = new AbortController();
    const leftMs = deadlineAt - this.#clock.now();
    const timer =
      leftMs === Number.POSITIVE_INFINITY
        ? undefined
        : this.#clock.setTimeout(() => abort.abort(), Math.max(0, leftMs));
    try {
      const report = await new Soak(
        this.#client,
        {
          ...this.#settings,
          memory: memory as MemoryInput,
          predictions,
          fuseBytes,
          durationMs: Number.POSITIVE_INFINITY,
          timeoutMs: Math.min(defaultTimeoutMs("predicts"), this.#settings.timeoutMs),
          pauseMs: 0,
          requestCount: undefined,
          metrics: undefined,
          onProgress: undefined,
          signal: abort.signal,
        },
        this.#clock,
      ).run();
      this.#predictions += report.predictions;
      return this.#stamp({ stable: this.#timed(judgeStable(report)) });
    } finally {
      if (timer !== undefined) this.#clock.clearTimeout(timer);
    }
  }

  /** A new handle for each prediction, because it is the handle that remembers the signature: models change. */
  #handle(): ModelHandle {
    const { model, version, versionLabel, signatureName } = this.#settings;
    const choice: VersionChoice = versionLabel === undefined ? { version } : { versionLabel };
    return this.#client.model(model, { ...choice, signatureName, maxRetries: 0, batching: false });
  }

  #timed(verdict: Verdict): HealthCheckResult {
    return { ...verdict, time: this.#clock.date().toISOString() };
  }

  #stamp(checks: Readonly<Record<string, HealthCheckResult>>): Evidence {
    return { checks, time: this.#clock.date().toISOString(), at: this.#clock.now() };
  }

  #report(level: HealthLevel, { checks, time, at }: Evidence): HealthReport {
    const worst = worstOf(Object.values(checks));
    // Where all is well, the deepest look says the most.
    const decisive = worst.status === "pass" ? (checks[level] ?? worst) : worst;
    return {
      status: decisive.status,
      level,
      checks,
      output: decisive.output,
      time,
      ageMs: Math.max(0, Math.round(this.#clock.now() - at)),
      predictions: this.#predictions,
      ...(reaches(level, "predicts") ? { synthetic: this.#settings.inputs.synthetic } : {}),
    };
  }
}
