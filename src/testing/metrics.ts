import type { OperationName } from "../contract/operations.ts";
import type { EndedCall } from "./call-desk.ts";
import { formatSignificant } from "./wire/decimal.ts";

/** 10 × 1.8ⁱ microseconds; what is above the last falls into `+Inf`. */
const LATENCY_LIMITS: readonly number[] = Array.from({ length: 33 }, (_, i) => 10 * 1.8 ** i);

type Labels = Readonly<Record<string, string>>;

interface Cell {
  readonly labels: string;
  count: number;
  sum: number;
  readonly buckets: number[];
}

/** One metric: a cell for each set of labels, made on first use. */
class Metric {
  readonly #name: string;
  readonly #type: "counter" | "histogram";
  readonly #cells = new Map<string, Cell>();

  constructor(name: string, type: "counter" | "histogram") {
    this.#name = name;
    this.#type = type;
  }

  add(labels: Labels, value: number): void {
    const text = Object.entries(labels)
      .map(([name, label]) => `${name}="${label.replace(/[\\"]/g, "\\$&")}"`)
      .join(",");
    let cell = this.#cells.get(text);
    if (cell === undefined) {
      cell = { labels: text, count: 0, sum: 0, buckets: new Array<number>(LATENCY_LIMITS.length + 1).fill(0) };
      this.#cells.set(text, cell);
    }
    cell.count++;
    cell.sum += value;
    const bucket = LATENCY_LIMITS.findIndex((limit) => value < limit);
    cell.buckets[bucket === -1 ? LATENCY_LIMITS.length : bucket]!++;
  }

  /** A metric that has no cell yet still has its line of type. */
  render(): string {
    const lines = [`# TYPE ${this.#name} ${this.#type}`];
    for (const cell of this.#cells.values()) {
      if (this.#type === "counter") lines.push(`${this.#name}{${cell.labels}} ${cell.sum}`);
      else lines.push(...this.#renderHistogram(cell));
    }
    return lines.join("\n");
  }

  *#renderHistogram({ labels, buckets, sum, count }: Cell): Generator<string> {
    let below = 0;
    for (const [i, inBucket] of buckets.entries()) {
      below += inBucket;
      const limit = LATENCY_LIMITS[i];
      const le = limit === undefined ? "+Inf" : formatSignificant(limit, 6);
      yield `${this.#name}_bucket{${labels},le="${le}"} ${below}`;
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
 * @see tensorflow_serving/util/prometheus_exporter.cc, servables/tensorflow/util.cc
 */
export class Metrics {
  readonly #requestCount = new Metric(":tensorflow:serving:request_count", "counter");
  readonly #requestLatency = new Metric(":tensorflow:serving:request_latency", "histogram");
  readonly #runtimeLatency = new Metric(":tensorflow:serving:runtime_latency", "histogram");

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

  render(): string {
    return `${[this.#requestCount, this.#requestLatency, this.#runtimeLatency].map((metric) => metric.render()).join("\n")}\n`;
  }
}
