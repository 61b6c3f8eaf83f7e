import type { ServingClient } from "../../client/serving-client.ts";
import { attempt } from "../attempt.ts";
import { formatBytes, formatSeconds } from "../format-bytes.ts";
import { type HealthClock, systemHealthClock } from "../health-clock.ts";
import { MemoryReader } from "../memory/memory-reader.ts";
import { isMemoryInput, type MemoryInput } from "../memory/memory-source.ts";
import { isRecord, OptionChecks } from "../option-checks.ts";
import { FastFuse, type FastFuseState } from "./fast-fuse.ts";
import { judgeGrowth, type LeakVerdict } from "./leak-rule.ts";
import type { RequestCounter } from "./soak-options.ts";
import type { MemoryPoint } from "./trend.ts";

export interface LeakGuardOptions {
  readonly memory: MemoryInput;
  /**
   * Asked for the state of these models: while a version is LOADING or UNLOADING, and for a minute after, memory moves for
   * good reasons. Without them the fast fuse is not armed.
   */
  readonly models?: readonly string[] | undefined;
  /** The server's count of predictions: growth is then told for each of them, else for each second. */
  readonly requestCount?: RequestCounter | undefined;
  /** How often `start()` looks, in milliseconds; the fast fuse is made for one second. @default 1_000 */
  readonly intervalMs?: number | undefined;
  /**
   * How many seconds the slow rule looks back: two windows of half of that.
   * @default 1_200: ten minutes each
   */
  readonly windowSeconds?: number | undefined;
  /** Called when the verdict changes, and when the fast fuse alarms. What it throws is not caught. */
  readonly onChange?: ((report: LeakGuardReport) => void) | undefined;
}

export interface LeakGuardReport {
  /** Of the slow rule; `suspected` as soon as the fast fuse alarms. */
  readonly verdict: LeakVerdict;
  /** One line for a person. */
  readonly output: string;
  readonly fuse: FastFuseState;
  /** What one step of `growthPerStep` is. */
  readonly step: "prediction" | "second";
  readonly growthPerStep: number | undefined;
  readonly bytes: number | undefined;
  readonly limitBytes: number | undefined;
  readonly secondsToLimit: number | undefined;
  /** How often the process was found to be a new one. */
  readonly restarts: number;
  /** Samples that the slow rule has. */
  readonly samples: number;
  /** What the slow rule judged by: two windows, or one where there was too little for two. For charts. */
  readonly windows: readonly LeakGuardWindow[];
}

/** A stretch of time, and the line that was fitted to it. */
export interface LeakGuardWindow {
  /** How long before this report it began and ended. */
  readonly fromSecondsAgo: number;
  readonly toSecondsAgo: number;
  /** The fitted line at its beginning and at its end. */
  readonly startBytes: number;
  readonly endBytes: number;
}

/** What a guard needs of a client. */
type StatusClient = Pick<ServingClient, "getModelStatus">;

/** Watches the memory of a server that others use. It sends no prediction. */
export interface LeakGuard {
  /** Looks once. Rejects never: what cannot be read is `inconclusive`. */
  sample(): Promise<LeakGuardReport>;
  /** Looks every `intervalMs` until `stop()`; keeps no process alive. */
  start(): void;
  stop(): void;
}

/** Two windows of 60, as the rule was measured with. */
const POINTS = 120;
const FUSE_GAP_MS = 5_000;
const STATUS_TIMEOUT_MS = 1_000;
/** After so many looks in vain nothing is known any more. */
const FAILED_LOOKS = 10;
const NO_FUSE: FastFuseState = { disarmed: "nothing was measured yet", alarm: false, secondsToLimit: undefined };

/**
 * Watches memory under real traffic: a slow rule with two windows, as for a soak, and a fast fuse that sees 40 MB/s within
 * about 16 seconds.
 *
 * @throws TypeError for an option that is unknown or wrong
 * @example
 * const guard = createLeakGuard(client, { memory: procMemory(pid), models: ["ranker"], onChange: alert });
 * guard.start();
 */
export function createLeakGuard(client: StatusClient, options: LeakGuardOptions): LeakGuard {
  const checks = new OptionChecks("createLeakGuard");
  if (typeof client?.getModelStatus !== "function") {
    throw checks.wrong("the first argument", "a client made by createClient()", client);
  }
  if (!isRecord(options)) throw checks.wrong("the second argument", "an object of options", options);
  checks.known(options, ["memory", "models", "requestCount", "intervalMs", "windowSeconds", "onChange"]);
  if (!isMemoryInput(options.memory)) throw checks.wrong("memory", "a memory source or a function", options.memory);
  const { models } = options;
  if (
    models !== undefined &&
    !(Array.isArray(models) && models.every((name) => typeof name === "string" && name !== ""))
  ) {
    throw checks.wrong("models", "an array of names", models);
  }
  return new MemoryGuard(
    client,
    {
      memory: options.memory,
      models,
      requestCount: checks.callback("requestCount", options.requestCount),
      intervalMs: checks.milliseconds("intervalMs", options.intervalMs, 1_000, 1),
      windowSeconds: checks.whole("windowSeconds", options.windowSeconds, 1_200, 10),
      onChange: checks.callback("onChange", options.onChange),
    },
    systemHealthClock,
  );
}

type Settings = Pick<LeakGuardOptions, "models" | "requestCount" | "onChange"> &
  Required<Pick<LeakGuardOptions, "memory">> & { readonly intervalMs: number; readonly windowSeconds: number };

/** {@link createLeakGuard} with its settings read and its clock handed in. */
export class MemoryGuard implements LeakGuard {
  readonly #client: StatusClient;
  readonly #settings: Settings;
  readonly #clock: HealthClock;
  readonly #reader: MemoryReader;
  readonly #fuse = new FastFuse();
  #points: MemoryPoint[] = [];
  /** Seconds at each point, for rates where x counts predictions. */
  #times: number[] = [];
  #fuseState: FastFuseState = NO_FUSE;
  #lastPointAt = Number.NEGATIVE_INFINITY;
  #lastFuseAt = Number.NEGATIVE_INFINITY;
  #bytes: number | undefined;
  #limitBytes: number | undefined;
  #resets: number | undefined;
  #restarts = 0;
  #failed = 0;
  #trouble: string | undefined;
  #told = "";
  #sampling: Promise<LeakGuardReport> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(client: StatusClient, settings: Settings, clock: HealthClock) {
    this.#client = client;
    this.#settings = settings;
    this.#clock = clock;
    this.#reader = new MemoryReader(settings.memory, clock);
  }

  start(): void {
    if (this.#timer !== undefined) return;
    this.#timer = setInterval(() => void this.sample(), this.#settings.intervalMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  async sample(): Promise<LeakGuardReport> {
    this.#sampling ??= this.#look().finally(() => {
      this.#sampling = undefined;
    });
    return this.#sampling;
  }

  async #look(): Promise<LeakGuardReport> {
    const [sample, modelsMove] = await Promise.all([this.#reader.read(), this.#modelsMove()]);
    if (!sample.ok) {
      this.#failed++;
      this.#trouble = sample.reason;
      return this.#tell();
    }
    this.#failed = 0;
    if (this.#resets !== undefined && sample.resets !== this.#resets) this.#splitSeries();
    this.#resets = sample.resets;
    if (!sample.fresh) return this.#tell();
    this.#bytes = sample.bytes;
    this.#limitBytes = sample.limitBytes;
    this.#feedFuse(sample.bytes, sample.limitBytes, modelsMove);
    // What a model takes that is loaded would look like a rise to the slow rule as well.
    if (modelsMove === true) this.#forget();
    else await this.#feedRule(sample.bytes);
    return this.#tell();
  }

  #feedFuse(bytes: number, limitBytes: number | undefined, modelsMove: boolean | undefined): void {
    const atMs = this.#clock.now();
    if (atMs - this.#lastFuseAt > FUSE_GAP_MS) this.#fuse.reset();
    this.#lastFuseAt = atMs;
    if (modelsMove !== undefined) {
      this.#fuseState = this.#fuse.add({ atMs, bytes, limitBytes, modelsMove });
      return;
    }
    this.#fuse.reset();
    const why = this.#settings.models === undefined ? "no models are named" : "the state of the models is not known";
    this.#fuseState = { disarmed: `${why}, one may be loading`, alarm: false, secondsToLimit: undefined };
  }

  /** The slow rule takes {@link POINTS} samples over its windows, however often is looked. */
  async #feedRule(bytes: number): Promise<void> {
    const now = this.#clock.now();
    if (now - this.#lastPointAt < (this.#settings.windowSeconds * 1_000) / POINTS - this.#settings.intervalMs / 2)
      return;
    const x = await this.#progress(now);
    if (x === undefined) return;
    if (x < (this.#points.at(-1)?.x ?? 0)) this.#splitSeries();
    this.#lastPointAt = now;
    this.#points.push({ x, bytes });
    this.#times.push(now / 1_000);
    if (this.#points.length > POINTS) {
      this.#points.shift();
      this.#times.shift();
    }
  }

  async #progress(now: number): Promise<number | undefined> {
    const { requestCount } = this.#settings;
    if (requestCount === undefined) return now / 1_000;
    const counted = await attempt(this.#clock, now + 5_000, requestCount).result;
    return counted.ok && Number.isFinite(counted.value) ? counted.value : undefined;
  }

  /** Whether any version of the models is on its way; undefined where nobody can tell. */
  async #modelsMove(): Promise<boolean | undefined> {
    const { models } = this.#settings;
    if (models === undefined) return undefined;
    const deadlineAt = this.#clock.now() + STATUS_TIMEOUT_MS;
    const looks = await Promise.all(
      models.map(
        (model) =>
          attempt(this.#clock, deadlineAt, (options) => this.#client.getModelStatus({ model }, options)).result,
      ),
    );
    const moving = ["START", "LOADING", "UNLOADING"];
    if (looks.some((look) => look.ok && look.value.versions.some(({ state }) => moving.includes(state)))) return true;
    return looks.every((look) => look.ok) ? false : undefined;
  }

  #splitSeries(): void {
    this.#restarts++;
    this.#forget();
    this.#fuse.reset();
  }

  #forget(): void {
    this.#points = [];
    this.#times = [];
  }

  #tell(): LeakGuardReport {
    const report = this.#report();
    const told = `${report.verdict} ${report.fuse.alarm}`;
    if (told !== this.#told) {
      this.#told = told;
      this.#settings.onChange?.(report);
    }
    return report;
  }

  #report(): LeakGuardReport {
    const blind = this.#failed >= FAILED_LOOKS || this.#bytes === undefined;
    const fuse = blind ? { ...NO_FUSE, disarmed: this.#trouble ?? NO_FUSE.disarmed } : this.#fuseState;
    const { verdict: slow, reason, trend, windows } = judgeGrowth(this.#points);
    const verdict = blind ? "inconclusive" : fuse.alarm && slow !== "leak" ? "suspected" : slow;
    const step = this.#settings.requestCount === undefined ? "second" : "prediction";
    const secondsToLimit = fuse.secondsToLimit ?? this.#secondsToLimit(trend?.lower);
    const why = fuse.alarm ? "memory runs away" : reason;
    const rising = verdict === "leak" || verdict === "suspected";
    const each = trend === undefined || !rising ? "" : `, ${formatBytes(trend.slope)} a ${step}`;
    const limit =
      secondsToLimit === undefined || !rising ? "" : `; the limit is at most ${formatSeconds(secondsToLimit)} away`;
    return {
      verdict,
      output: blind
        ? (this.#trouble ?? `${this.#reader.name}: nothing was measured yet`)
        : `${this.#reader.name}: ${why}${each}${limit}`,
      fuse,
      step,
      growthPerStep: trend?.slope,
      bytes: this.#bytes,
      limitBytes: this.#limitBytes,
      secondsToLimit: rising ? secondsToLimit : undefined,
      restarts: this.#restarts,
      samples: this.#points.length,
      windows: windows.map(({ first, last, startBytes, endBytes }) => ({
        fromSecondsAgo: this.#secondsSince(first),
        toSecondsAgo: this.#secondsSince(last),
        startBytes,
        endBytes,
      })),
    };
  }

  #secondsSince(point: number): number {
    return this.#clock.now() / 1_000 - (this.#times[point] ?? 0);
  }

  #secondsToLimit(lower: number | undefined): number | undefined {
    const steps = (this.#points.at(-1)?.x ?? 0) - (this.#points[0]?.x ?? 0);
    const seconds = (this.#times.at(-1) ?? 0) - (this.#times[0] ?? 0);
    if (
      lower === undefined ||
      !(lower > 0) ||
      !(steps > 0) ||
      this.#limitBytes === undefined ||
      this.#bytes === undefined
    ) {
      return undefined;
    }
    return ((this.#limitBytes - this.#bytes) / lower) * (seconds / steps);
  }
}
