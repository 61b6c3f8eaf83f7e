import type { OperationName } from "../contract/operations.ts";
import type { EndedCall } from "./call-desk.ts";
import { formatSignificant } from "./wire/decimal.ts";

/** Upper limits; what is above the last falls into `+Inf`. Microseconds, microseconds, rows. */
const LATENCY_LIMITS: readonly number[] = Array.from({ length: 33 }, (_, i) => 10 * 1.8 ** i);
const QUEUEING_LIMITS: readonly number[] = Array.from({ length: 52 }, (_, i) => 100 * 1.2 ** i);
const BATCH_LIMITS: readonly number[] = Array.from({ length: 14 }, (_, i) => 2 ** i);

type Labels = Readonly<Record<string, string>>;

interface Cell {
  readonly labels: string;
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** One metric: a cell for each set of labels, made on first use. A counter has no limits. */
class Metric {
  readonly #name: string;
  readonly #limits: readonly number[] | undefined;
  readonly #cells = new Map<string, Cell>();

  constructor(name: string, limits?: readonly number[]) {
    this.#name = `:tensorflow:serving:${name}`;
    this.#limits = limits;
  }

  add(labels: Labels, value: number): void {
    const text = Object.entries(labels)
      .map(([name, label]) => `${name}="${label.replace(/[\\"]/g, "\\$&")}"`)
      .join(",");
    const limits = this.#limits ?? [];
    let cell = this.#cells.get(text);
    if (cell === undefined) {
      cell = { labels: text, count: 0, sum: 0, buckets: new Array<number>(limits.length + 1).fill(0) };
      this.#cells.set(text, cell);
    }
    cell.count++;
    cell.sum += value;
    const bucket = limits.findIndex((limit) => value < limit);
    cell.buckets[bucket === -1 ? limits.length : bucket]!++;
  }

  /** A metric that has no cell yet still has its line of type. */
  render(): string {
    const limits = this.#limits;
    const lines = [`# TYPE ${this.#name} ${limits === undefined ? "counter" : "histogram"}`];
    for (const cell of this.#cells.values()) {
      if (limits === undefined) lines.push(`${this.#name}{${cell.labels}} ${cell.sum}`);
      else lines.push(...this.#renderHistogram(cell, limits));
    }
    return lines.join("\n");
  }

  *#renderHistogram({ labels, buckets, sum, count }: Cell, limits: readonly number[]): Generator<string> {
    let below = 0;
    for (const [i, inBucket] of buckets.entries()) {
      below += inBucket;
      const limit = limits[i];
      const le = limit === undefined ? "+Inf" : formatSignificant(limit, 6);
      yield `${this.#name}_bucket{${labels}${labels === "" ? "" : ","}le="${le}"} ${below}`;
    }
    yield `${this.#name}_sum{${labels}} ${formatSignificant(sum, 6)}`;
    yield `${this.#name}_count{${labels}} ${count}`;
  }
}

const GRPC_API: Partial<Record<OperationName, string>> = {
  predict: "Predict",
  classify: "Classify",
  regress: "Regress",
};

/**
 * The server's own counters, as far as they follow from the calls alone, and the page they are scraped from.
 *
 * Nothing in here is made up: what this server does not do, as loading a file or padding a batch, it does not count.
 *
 * @see tensorflow_serving/util/prometheus_exporter.cc, servables/tensorflow/util.cc, batching/batching_session.cc
 */
export class Metrics {
  readonly #inputBatchSize = new Metric("batching_session:input_batch_size", BATCH_LIMITS);
  readonly #paddingSize = new Metric("batching_session:padding_size", BATCH_LIMITS);
  readonly #processedBatchSize = new Metric("batching_session:processed_batch_size", BATCH_LIMITS);
  readonly #queueing = new Metric("batching_session:queuing_latency", QUEUEING_LIMITS);
  readonly #wrappedRunCount = new Metric("batching_session:wrapped_run_count");
  readonly #requestCount = new Metric("request_count");
  readonly #requestLatency = new Metric("request_latency", LATENCY_LIMITS);
  readonly #runtimeLatency = new Metric("runtime_latency", LATENCY_LIMITS);

  /** gRPC counts inference alone, REST every request. */
  countCall({ wire, operation, model, code, durationMs }: EndedCall): void {
    const grpcApi = operation && GRPC_API[operation];
    if (wire === "fake" || (wire === "grpc" && grpcApi === undefined)) return;
    this.#requestCount.add({ model_name: model, status: code }, 1);
    if (code !== "OK") return;
    const api = wire === "grpc" ? grpcApi : grpcApi?.toLowerCase();
    this.#requestLatency.add(
      { model_name: model, API: api ?? "", entrypoint: wire === "grpc" ? "GRPC" : "REST" },
      Math.round(durationMs * 1000),
    );
  }

  countRun({ model, api, durationMs }: { model: string; api: string; durationMs: number }): void {
    this.#runtimeLatency.add({ model_name: model, API: api, runtime: "TF1" }, Math.round(durationMs * 1000));
  }

  /** A run under `--enable_batching`. Each one here is a batch of its own: as many rows go in as run, none is added. */
  countBatch({ rows, queuedMs }: { rows: number; queuedMs: number }): void {
    this.#inputBatchSize.add({}, rows);
    this.#processedBatchSize.add({}, rows);
    this.#paddingSize.add({ execution_batch_size: String(rows) }, 0);
    this.#queueing.add({ thread_pool_name: "" }, Math.round(queuedMs * 1000));
    this.#wrappedRunCount.add({}, 1);
  }

  /** In the order of names, as the server's registry has them. */
  render(): string {
    const all = [
      this.#inputBatchSize,
      this.#paddingSize,
      this.#processedBatchSize,
      this.#queueing,
      this.#wrappedRunCount,
      this.#requestCount,
      this.#requestLatency,
      this.#runtimeLatency,
    ];
    return `${all.map((metric) => metric.render()).join("\n")}\n`;
  }
}
