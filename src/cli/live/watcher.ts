import type { HealthReport, LeakGuardReport, ServerFigures } from "../../health.ts";
import type { ModelVersionStatus } from "../../index.ts";
import { quantile } from "../quantile.ts";
import { isLeaking, type ProbeState, type WatchSample } from "./watch-sample.ts";

/** What a watch looks at. What is left out was not asked for. */
export interface WatchParts {
  readonly model: string;
  readonly endpoint: string;
  /** Rejects with what the server or the connection said. */
  status(): Promise<readonly ModelVersionStatus[]>;
  /** Sends one prediction. Never rejects. */
  readonly probe?: (() => Promise<HealthReport>) | undefined;
  /** Least time between two predictions. */
  readonly probeEveryMs: number;
  readonly guard?: { sample(): Promise<LeakGuardReport> } | undefined;
  readonly metrics?: { read(): Promise<ServerFigures> } | undefined;
  /** Least time between two looks at the server's page. */
  readonly metricsEveryMs: number;
}

/** Time as a watch sees it. */
export interface WatchClock {
  /** Monotonic milliseconds. */
  now(): number;
  date(): Date;
  /** Resolves after this time, or as soon as the signal is aborted. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** So long a look waits for its own prediction: a fast server's latency is in the same sample. */
const PROBE_WAIT_MS = 1_000;
const LATENCIES = 100;

/** Looks at a model, its server and its memory, a sample at a time. */
export class Watcher {
  readonly #parts: WatchParts;
  readonly #clock: WatchClock;
  readonly #startedAt: number;
  #statusError: unknown;
  #probing: Promise<void> | undefined;
  #probedAt = Number.NEGATIVE_INFINITY;
  #isPaused = false;
  #sent = 0;
  #failed = 0;
  #last: { readonly report: HealthReport; readonly at: number } | undefined;
  readonly #latenciesMs: number[] = [];
  #metricsAt = Number.NEGATIVE_INFINITY;
  #server: Pick<WatchSample, "server" | "serverError"> = {};

  constructor(parts: WatchParts, clock: WatchClock) {
    this.#parts = parts;
    this.#clock = clock;
    this.#startedAt = clock.now();
  }

  /** Why the last look got no status; undefined when it got one. */
  get statusError(): unknown {
    return this.#statusError;
  }

  /** Looks once. Never rejects. */
  async sample(): Promise<WatchSample> {
    const { model, endpoint, guard } = this.#parts;
    // The guard asks for the status too, and shares its answer: it has to go first.
    const memory = guard?.sample();
    const [status, found] = await Promise.all([this.#status(), memory, this.#probe(), this.#readMetrics()]);
    this.#isPaused = isLeaking({ ...(found && { memory: found }) });
    return {
      time: this.#clock.date().toISOString(),
      elapsedMs: Math.round(this.#clock.now() - this.#startedAt),
      model,
      endpoint,
      ...status,
      probe: this.#probeState(),
      ...(found && { memory: found }),
      ...this.#server,
    };
  }

  async #status(): Promise<Pick<WatchSample, "versions" | "statusError">> {
    try {
      const versions = await this.#parts.status();
      this.#statusError = undefined;
      return { versions };
    } catch (error) {
      this.#statusError = error;
      return { statusError: messageOf(error) };
    }
  }

  /** Sends a prediction when it is time for one, and waits a little for it. There is never a second one under way. */
  async #probe(): Promise<void> {
    const { probe, probeEveryMs } = this.#parts;
    const now = this.#clock.now();
    if (probe === undefined || this.#isPaused || this.#probing !== undefined) return;
    if (now - this.#probedAt < probeEveryMs) return;
    this.#probedAt = now;
    this.#sent++;
    this.#probing = probe().then((report) => {
      this.#note(report);
      this.#probing = undefined;
    });
    const answered = new AbortController();
    await Promise.race([this.#probing.then(() => answered.abort()), this.#clock.wait(PROBE_WAIT_MS, answered.signal)]);
  }

  #note(report: HealthReport): void {
    this.#last = { report, at: this.#clock.now() };
    if (report.status === "fail" || report.status === "inconclusive") this.#failed++;
    const latencyMs = latencyOf(report);
    if (latencyMs === undefined) return;
    this.#latenciesMs.push(latencyMs);
    if (this.#latenciesMs.length > LATENCIES) this.#latenciesMs.shift();
  }

  #probeState(): ProbeState {
    if (this.#parts.probe === undefined) return { state: "off", sent: 0, failed: 0 };
    const now = this.#clock.now();
    const count = this.#latenciesMs.length;
    const latencyMs = this.#last === undefined ? undefined : latencyOf(this.#last.report);
    return {
      state: this.#isPaused ? "paused" : "on",
      sent: this.#sent,
      failed: this.#failed,
      ...(this.#last && {
        last: {
          status: this.#last.report.status,
          output: this.#last.report.output,
          ...(latencyMs !== undefined && { latencyMs }),
          secondsAgo: secondsOf(now - this.#last.at),
        },
      }),
      ...(!this.#isPaused && {
        secondsToNext: secondsOf(Math.max(0, this.#probedAt + this.#parts.probeEveryMs - now)),
      }),
      ...(count > 0 && {
        latencyMs: {
          p50: quantile(this.#latenciesMs, 0.5),
          p90: quantile(this.#latenciesMs, 0.9),
          max: quantile(this.#latenciesMs, 1),
          count,
        },
      }),
    };
  }

  async #readMetrics(): Promise<void> {
    const { metrics, metricsEveryMs } = this.#parts;
    const now = this.#clock.now();
    if (metrics === undefined || now - this.#metricsAt < metricsEveryMs) return;
    this.#metricsAt = now;
    try {
      this.#server = { server: await metrics.read() };
    } catch (error) {
      this.#server = { serverError: messageOf(error) };
    }
  }
}

/** How long the prediction took, where one came back. */
function latencyOf({ checks }: HealthReport): number | undefined {
  const { status, observedValue } = checks["predicts"] ?? {};
  return status === "pass" && typeof observedValue === "number" ? observedValue : undefined;
}

function secondsOf(ms: number): number {
  return Math.round(ms) / 1_000;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
