import type { ModelHandle } from "../../client/model-handle.ts";
import type { ServingClient } from "../../client/serving-client.ts";
import { DEFAULT_SIGNATURE, type Signature } from "../../contract/signature.ts";
import { Cancellation } from "../../internal/cancellation.ts";
import { sleep } from "../../internal/sleep.ts";
import { followSignal } from "../../policies/abort.ts";
import type { TensorInput } from "../../tensor/tensor-input.ts";
import { attempt } from "../attempt.ts";
import { formatBytes } from "../format-bytes.ts";
import { type HealthClock, systemHealthClock } from "../health-clock.ts";
import { MemoryReader } from "../memory/memory-reader.ts";
import type { ServerFigures } from "../metrics/server-figures.ts";
import { nameOfModel } from "../name-of-model.ts";
import { oneLine } from "../one-line.ts";
import { judgeGrowth } from "./leak-rule.ts";
import { readSoakOptions, type SoakOptions, type SoakSettings } from "./soak-options.ts";
import { type SoakEnd, type SoakReport, type SoakSample, toSoakReport } from "./soak-report.ts";
import type { MemoryPoint } from "./trend.ts";

/** Growth that a check may cause at most: 1 GB, or this share of the limit. */
const FUSE_BYTES = 1e9;
const FUSE_SHARE = 0.05;
/** How often it is looked whether there is a suspicion; also how many predictions are sent without seeing memory. */
const LOOK_EVERY = 20;
/** How long a source may take until it has measured anew. */
const BLIND_WAIT_MS = 90_000;
const BLIND_LOOK_MS = 1_000;
const FAILURES_IN_A_ROW = 3;

/**
 * Sends predictions one after another, reads the server's memory after each, and says whether the model leaks.
 *
 * It never rejects for a sick server or a source that fails: that is `inconclusive`, with the reason. No prediction is
 * repeated, none is sent before memory was read once, at most 20 are sent without a new reading, and the fuse
 * (`fuseBytes`) ends it before it has done damage.
 *
 * @throws TypeError for an option that is unknown or wrong
 * @example
 * const { verdict, output } = await soak(client, { model: "ranker", version: 47, memory: procMemory(pid) });
 */
export async function soak(client: ServingClient, options: SoakOptions): Promise<SoakReport> {
  return new Soak(client, readSoakOptions(client, options), systemHealthClock).run();
}

/** {@link soak} with its settings read and its clock handed in. */
export class Soak {
  readonly #settings: SoakSettings;
  readonly #clock: HealthClock;
  readonly #model: ModelHandle;
  readonly #memory: MemoryReader;
  readonly #startedAt: number;
  readonly #samples: SoakSample[] = [];
  readonly #points: MemoryPoint[] = [];
  readonly #latenciesMs: number[] = [];
  readonly #stop = new Cancellation();
  #signature: Signature | undefined;
  #inputs: Readonly<Record<string, TensorInput>> = {};
  #predictions = 0;
  #failures = 0;
  #failuresInARow = 0;
  #blind = 0;
  #lastLatencyMs: number | undefined;
  #limitBytes: number | undefined;
  #resets: number | undefined;
  #counted: number | undefined;
  #suspectedAfter: number | undefined;
  #cause: string | undefined;

  constructor(client: ServingClient, settings: SoakSettings, clock: HealthClock) {
    const { model, version, versionLabel, signatureName, memory } = settings;
    this.#settings = settings;
    this.#clock = clock;
    const choice = versionLabel === undefined ? { version } : { versionLabel };
    this.#model = client.model(model, { ...choice, signatureName, maxRetries: 0, batching: false });
    this.#memory = new MemoryReader(memory, clock);
    this.#startedAt = clock.now();
  }

  async run(): Promise<SoakReport> {
    const following = followSignal(this.#settings.signal, this.#stop);
    try {
      await this.#serverFigures();
      const end = (await this.#prepare()) ?? (await this.#predictOn());
      return this.#report(end, await this.#serverFigures());
    } finally {
      following.letGo();
    }
  }

  /** Everything that must be there before the first prediction; what is missing ends the soak. */
  async #prepare(): Promise<SoakEnd | undefined> {
    if (this.#stop.cancelled) return "signal";
    const trouble = await this.#sample();
    if (trouble !== undefined) return trouble;
    if (this.#samples.length === 0) return "memory";
    const signature = await attempt(this.#clock, this.#clock.now() + this.#settings.timeoutMs, (options) =>
      this.#model.signature(options),
    ).result;
    if (!signature.ok) return this.#fail(signature.error);
    this.#signature = signature.value;
    return undefined;
  }

  /** Fetches what the next prediction is sent with. */
  async #nextInputs(): Promise<SoakEnd | undefined> {
    const { inputs, signatureName = DEFAULT_SIGNATURE, timeoutMs } = this.#settings;
    const signature = this.#signature as Signature;
    const made = await attempt(this.#clock, this.#clock.now() + timeoutMs, ({ signal }) =>
      inputs.inputsFor({ signature, signatureName, index: this.#predictions, signal }),
    ).result;
    if (made.ok) {
      this.#inputs = made.value;
      return undefined;
    }
    const reason = made.error instanceof Error ? made.error.message : "no inputs can be had";
    this.#cause = `${oneLine(reason)}, give inputs`;
    return "failures";
  }

  async #predictOn(): Promise<SoakEnd> {
    const { predictions, durationMs, pauseMs } = this.#settings;
    const endAt = this.#startedAt + durationMs;
    while (this.#predictions < predictions && this.#clock.now() < endAt) {
      const missing = await this.#nextInputs();
      if (missing !== undefined) return missing;
      const trouble = (await this.#predict()) ?? (await this.#sample()) ?? (await this.#waitWhileBlind());
      if (this.#stop.cancelled) return "signal";
      if (trouble !== undefined) return trouble;
      this.#look();
      if (this.#isFused()) return "fuse";
      if (pauseMs > 0 && !(await this.#pause(pauseMs))) return "signal";
    }
    return "done";
  }

  async #predict(): Promise<SoakEnd | undefined> {
    const prediction = attempt(this.#clock, this.#clock.now() + this.#settings.timeoutMs, (options) => {
      const abort = new AbortController();
      const forward = () => abort.abort(options.signal.reason);
      options.signal.addEventListener("abort", forward, { once: true });
      const release = this.#stop.onCancel((reason) => abort.abort(reason));
      const sent = this.#model.predict(this.#inputs, { ...options, signal: abort.signal });
      return sent.finally(() => {
        release();
        options.signal.removeEventListener("abort", forward);
      });
    });
    const result = await prediction.result;
    this.#predictions++;
    this.#blind++;
    this.#lastLatencyMs = undefined;
    if (result.ok) {
      this.#failuresInARow = 0;
      this.#latenciesMs.push(result.durationMs);
      this.#lastLatencyMs = result.durationMs;
      return undefined;
    }
    if (this.#stop.cancelled) return "signal";
    this.#failures++;
    this.#failuresInARow++;
    return this.#failuresInARow >= FAILURES_IN_A_ROW ? this.#fail(result.error) : undefined;
  }

  /** Reads memory once. A source that fails or has nothing new leaves a gap and no more. */
  async #sample(): Promise<SoakEnd | undefined> {
    const sample = await this.#memory.read();
    if (!sample.ok) {
      this.#cause = sample.reason;
      return undefined;
    }
    if (this.#resets !== undefined && sample.resets !== this.#resets) {
      this.#cause = `the process was restarted after ${this.#predictions} predictions`;
      return "restart";
    }
    this.#resets = sample.resets;
    if (!sample.fresh) return undefined;
    const x = await this.#count();
    if (x === undefined) return undefined;
    if (x < (this.#points.at(-1)?.x ?? 0)) {
      this.#cause = "the server's request counter went back, the process was restarted";
      return "restart";
    }
    this.#cause = undefined;
    this.#blind = 0;
    this.#limitBytes = sample.limitBytes;
    this.#points.push({ x, bytes: sample.bytes });
    this.#samples.push({
      predictions: this.#predictions,
      atMs: this.#clock.now() - this.#startedAt,
      bytes: sample.bytes,
      latencyMs: this.#lastLatencyMs,
    });
    return undefined;
  }

  /** Predictions so far, by the server's count where there is one. */
  async #count(): Promise<number | undefined> {
    const { requestCount, timeoutMs } = this.#settings;
    if (requestCount === undefined) return this.#predictions;
    const counted = await attempt(this.#clock, this.#clock.now() + timeoutMs, requestCount).result;
    if (!counted.ok || !Number.isFinite(counted.value)) {
      this.#cause = `the server's request counter cannot be read: ${
        counted.ok ? "it is no number" : oneLine(counted.error instanceof Error ? counted.error.message : "failed")
      }`;
      return undefined;
    }
    this.#counted ??= counted.value;
    return counted.value - this.#counted;
  }

  /** Sends nothing more while memory is out of sight. */
  async #waitWhileBlind(): Promise<SoakEnd | undefined> {
    if (this.#blind < LOOK_EVERY) return undefined;
    const giveUpAt = this.#clock.now() + BLIND_WAIT_MS;
    while (this.#blind > 0 && this.#clock.now() < giveUpAt) {
      if (!(await this.#pause(BLIND_LOOK_MS))) return "signal";
      const trouble = await this.#sample();
      if (trouble !== undefined) return trouble;
    }
    if (this.#blind === 0) return undefined;
    this.#cause ??= `${this.#memory.name} has measured nothing new for ${BLIND_WAIT_MS / 1_000} s`;
    return "memory";
  }

  #look(): void {
    const looks = this.#predictions % LOOK_EVERY === 0 || this.#isFused();
    if (looks && this.#suspectedAfter === undefined) {
      const { verdict } = judgeGrowth(this.#points);
      if (verdict === "leak" || verdict === "suspected") this.#suspectedAfter = this.#predictions;
    }
    this.#settings.onProgress?.({
      predictions: this.#predictions,
      failures: this.#failures,
      bytes: this.#samples.at(-1)?.bytes,
      growthBytes: this.#samples.length === 0 ? undefined : this.#growthBytes(),
      verdict: this.#suspectedAfter === undefined ? "inconclusive" : "suspected",
    });
  }

  #growthBytes(): number {
    return (this.#samples.at(-1)?.bytes ?? 0) - (this.#samples[0]?.bytes ?? 0);
  }

  /** Whether one more prediction like the ones before would cost more than may be spent. */
  #isFused(): boolean {
    const share = this.#limitBytes === undefined ? Number.POSITIVE_INFINITY : FUSE_SHARE * this.#limitBytes;
    const fuseBytes = this.#settings.fuseBytes ?? Math.min(FUSE_BYTES, share);
    const growth = this.#growthBytes();
    return growth + growth / Math.max(1, this.#predictions) > fuseBytes;
  }

  #fail(error: unknown): SoakEnd {
    this.#cause = `predictions fail: ${oneLine(error instanceof Error ? error.message : "an unknown failure")}`;
    return "failures";
  }

  /** False when the caller ended the soak meanwhile. */
  async #pause(ms: number): Promise<boolean> {
    try {
      await sleep(this.#clock, ms, this.#stop);
      return true;
    } catch {
      return false;
    }
  }

  /** What the server counted since this was asked for the last time. */
  async #serverFigures(): Promise<ServerFigures | undefined> {
    const { metrics, timeoutMs } = this.#settings;
    if (metrics === undefined) return undefined;
    const figures = await attempt(this.#clock, this.#clock.now() + timeoutMs, (options) => metrics.read(options))
      .result;
    return figures.ok ? figures.value : undefined;
  }

  #report(end: SoakEnd, server: ServerFigures | undefined): SoakReport {
    const growth = judgeGrowth(this.#points);
    const fused = end === "fuse" ? `it grew by ${formatBytes(this.#growthBytes())}` : this.#cause;
    return toSoakReport({
      name: nameOfModel(this.#settings),
      model: this.#settings.model,
      end,
      cause: end === "done" ? undefined : fused,
      growth,
      predictions: this.#predictions,
      failures: this.#failures,
      synthetic: this.#settings.inputs.synthetic,
      suspectedAfter: this.#suspectedAfter ?? (end === "fuse" ? this.#predictions : undefined),
      limitBytes: this.#limitBytes,
      durationMs: this.#clock.now() - this.#startedAt,
      latenciesMs: this.#latenciesMs,
      samples: this.#samples,
      points: this.#points,
      server,
    });
  }
}
