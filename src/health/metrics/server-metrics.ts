import { type HealthClock, systemHealthClock } from "../health-clock.ts";
import type { RequestCounter } from "../leak/soak-options.ts";
import { nameOfUrl } from "../memory/bounded-http.ts";
import { PAGE_OPTIONS, type PageOptions, PageReader } from "../memory/prometheus-page.ts";
import { OptionChecks } from "../option-checks.ts";
import { figuresSince } from "./figures-since.ts";
import { hasRestarted, isServingMetric, type MetricsSnapshot, takeSnapshot } from "./metrics-snapshot.ts";
import type { ServerFigures } from "./server-figures.ts";

export interface ServerMetricsOptions extends PageOptions {
  /** Only requests for this model. Batching has no model: its figures are the whole server's. @default all models */
  readonly model?: string | undefined;
  /** How long the page may take, in milliseconds. @default 5_000 */
  readonly timeoutMs?: number | undefined;
}

/** Reads a server's own figures, from one look to the next. */
export interface ServerMetrics {
  readonly name: string;
  /** @throws Error when the page cannot be read */
  read(options?: { readonly signal?: AbortSignal | undefined }): Promise<ServerFigures>;
  /** Predictions that succeeded since the server was started: for `requestCount` of a soak. */
  readonly requestCount: RequestCounter;
}

/**
 * Reads TensorFlow Serving's page of metrics: `http://host:8501/monitoring/prometheus/metrics`, where the server was started
 * with a monitoring configuration that enables it.
 *
 * @throws TypeError for an address or an option that cannot be
 */
export function createServerMetrics(url: string | URL, options: ServerMetricsOptions = {}): ServerMetrics {
  const checks = new OptionChecks("createServerMetrics");
  checks.known(options, ["model", "timeoutMs", ...PAGE_OPTIONS]);
  const page = new PageReader("createServerMetrics", url, options);
  const timeoutMs = checks.milliseconds("timeoutMs", options.timeoutMs, 5_000, 1);
  return new PageMetrics(page, checks.text("model", options.model), timeoutMs, systemHealthClock);
}

export class PageMetrics implements ServerMetrics {
  readonly name: string;
  readonly #page: PageReader;
  readonly #model: string | undefined;
  readonly #timeoutMs: number;
  readonly #clock: HealthClock;
  #last: { readonly snapshot: MetricsSnapshot; readonly at: number } | undefined;

  constructor(page: PageReader, model: string | undefined, timeoutMs: number, clock: HealthClock) {
    this.name = nameOfUrl(page.url);
    this.#page = page;
    this.#model = model;
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
  }

  readonly requestCount: RequestCounter = async ({ signal }) => {
    const { snapshot } = await this.#take(signal);
    return snapshot.byStatus.get("OK") ?? 0;
  };

  async read(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<ServerFigures> {
    const { snapshot, partial } = await this.#take(options.signal);
    const at = this.#clock.now();
    const last = this.#last;
    this.#last = { snapshot, at };
    const restarted = last !== undefined && hasRestarted(snapshot, last.snapshot);
    const before = restarted ? undefined : last;
    const seconds = before === undefined ? undefined : (at - before.at) / 1_000;
    return { seconds, restarted, partial, ...figuresSince(snapshot, before?.snapshot, seconds) };
  }

  async #take(signal: AbortSignal | undefined): Promise<{ snapshot: MetricsSnapshot; partial: boolean }> {
    const limit = AbortSignal.timeout(this.#timeoutMs);
    const { samples, report } = await this.#page.read(
      isServingMetric,
      signal === undefined ? limit : AbortSignal.any([signal, limit]),
    );
    return { snapshot: takeSnapshot(samples, this.#model), partial: report.partial };
  }
}
