import { quote } from "../../internal/quote.ts";
import { isRecord, OptionChecks } from "../option-checks.ts";
import { nameOfUrl } from "./bounded-http.ts";
import type { MemorySource } from "./memory-source.ts";
import type { PrometheusSample } from "./parse-prometheus-line.ts";
import { PAGE_OPTIONS, type PageOptions, PageReader } from "./prometheus-page.ts";
import { Restarts } from "./restarts.ts";

/** One series of a page. */
export interface SeriesChoice {
  readonly metric: string;
  /** Labels that it must have with these values; others it may have. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
}

export interface PrometheusMemoryOptions extends SeriesChoice, PageOptions {
  /**
   * What is taken off: `node_memory_MemAvailable_bytes` from the metric `node_memory_MemTotal_bytes` leaves what is used.
   */
  readonly minus?: SeriesChoice | undefined;
  /** The limit, in bytes or as a series; one of 0 is none. @default none */
  readonly limit?: number | SeriesChoice | undefined;
  /**
   * When the process began, as a series: a new value is a restart.
   * @default of `container_…` metrics `container_start_time_seconds` with the same labels, of `process_…` ones
   * `process_start_time_seconds`, of `node_…` ones `node_boot_time_seconds`, where the page has them
   */
  readonly start?: SeriesChoice | undefined;
}

const NAMES = ["metric", "labels", "minus", "limit", "start", ...PAGE_OPTIONS];

/** Which series tells the beginning of what a metric is about, by how that metric is called. */
const STARTS: readonly (readonly [prefix: string, metric: string, sameLabels: boolean])[] = [
  ["container_", "container_start_time_seconds", true],
  ["process_", "process_start_time_seconds", true],
  ["node_", "node_boot_time_seconds", false],
];

/**
 * Reads memory from a page of Prometheus metrics: cAdvisor's, the kubelet's (`/metrics/resource`, `/metrics/cadvisor`), a node
 * exporter's. TensorFlow Serving's own page has no memory on it.
 *
 * At most 32 MiB of a page and 64 KiB of a line are read. The labels must leave exactly one series.
 *
 * @throws TypeError for an address or an option that cannot be
 * @example
 * prometheusMemory("http://cadvisor:8080/metrics", {
 *   metric: "container_memory_working_set_bytes",
 *   labels: { name: "tfserving" },
 *   limit: { metric: "container_spec_memory_limit_bytes", labels: { name: "tfserving" } },
 * });
 */
export function prometheusMemory(url: string | URL, options: PrometheusMemoryOptions): MemorySource {
  const checks = new OptionChecks("prometheusMemory");
  if (!isRecord(options)) throw checks.wrong("the second argument", "an object of options", options);
  checks.known(options, NAMES);
  const page = new PageReader("prometheusMemory", url, options);
  const memory = readChoice(checks, "", options);
  const minus = options.minus === undefined ? undefined : readChoice(checks, "minus.", options.minus);
  const { limit } = options;
  const limitChoice = isRecord(limit) ? readChoice(checks, "limit.", limit as unknown as SeriesChoice) : undefined;
  const limitBytes = limitChoice === undefined ? checks.amount("limit", limit) : undefined;
  const start = options.start === undefined ? startOf(memory) : readChoice(checks, "start.", options.start);
  const wanted = new Set([memory, minus, limitChoice, start].map((choice) => choice?.metric));
  const restarts = new Restarts();

  return {
    name: nameOfUrl(page.url),
    read: async ({ signal }) => {
      const { samples, report } = await page.read((name) => wanted.has(name), signal);
      const found = one(samples, memory, report.partial);
      const less = minus === undefined ? 0 : one(samples, minus, report.partial).value;
      const limitSample = limitChoice === undefined ? undefined : find(samples, limitChoice)[0]?.value;
      const begun = start === undefined ? undefined : find(samples, start)[0]?.value;
      return {
        bytes: found.value - less,
        limitBytes: limitBytes ?? limitSample,
        timeMs: found.timeMs,
        resets: restarts.note(begun === undefined ? undefined : String(begun)),
      };
    },
  };
}

function readChoice(checks: OptionChecks, prefix: string, choice: SeriesChoice): SeriesChoice {
  const { metric, labels } = choice;
  if (typeof metric !== "string" || metric === "")
    throw checks.wrong(`${prefix}metric`, "the name of a metric", metric);
  checks.record(`${prefix}labels`, labels, "an object of label values by name");
  for (const [name, value] of Object.entries(labels ?? {})) {
    if (typeof value !== "string") throw checks.wrong(`${prefix}labels.${name}`, "a text", value);
  }
  return { metric, labels };
}

function startOf({ metric, labels }: SeriesChoice): SeriesChoice | undefined {
  const found = STARTS.find(([prefix]) => metric.startsWith(prefix));
  return found && { metric: found[1], labels: found[2] ? labels : undefined };
}

function find(
  samples: readonly PrometheusSample[],
  { metric, labels = {} }: SeriesChoice,
): readonly PrometheusSample[] {
  const wanted = Object.entries(labels);
  return samples.filter(
    (sample) => sample.name === metric && wanted.every(([name, value]) => sample.labels[name] === value),
  );
}

function one(samples: readonly PrometheusSample[], choice: SeriesChoice, partial: boolean): PrometheusSample {
  const found = find(samples, choice);
  const [first] = found;
  if (first !== undefined && found.length === 1) return first;
  const cut = partial ? " (parts of the page could not be read)" : "";
  if (first === undefined) throw new Error(`the page has no ${quote(choice.metric)} with these labels${cut}`);
  throw new Error(`${found.length} series are ${quote(choice.metric)} with these labels: give labels that leave one`);
}
