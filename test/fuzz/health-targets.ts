import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { check } from "../../src/config/check.ts";
import { ConfigSyntaxError } from "../../src/config/config-syntax-error.ts";
import { printBatching, printModelConfig, printMonitoring } from "../../src/config/print-config.ts";
import { readConfig } from "../../src/config/read-config.ts";
import { maskedCrc32c } from "../../src/grpc/warm-up/crc32c.ts";
import { readWarmUpRequests } from "../../src/grpc/warm-up/warm-up-requests.ts";
import type { PrometheusSample } from "../../src/health/memory/parse-prometheus-line.ts";
import { PrometheusScanner, SCAN_LIMITS } from "../../src/health/memory/prometheus-scanner.ts";
import { figuresSince } from "../../src/health/metrics/figures-since.ts";
import { takeSnapshot } from "../../src/health/metrics/metrics-snapshot.ts";
import { predictLog, tfRecords } from "../unit/grpc/warm-up/tf-records.ts";
import { LIMIT_BYTES, type Target } from "./target.ts";

/** A sample and a member of a configuration are objects of some hundred bytes, for four bytes of text at least. */
const treeAllowanceBytes = (inputBytes: number) => Math.max(2 * LIMIT_BYTES, 256 * inputBytes);

const page = (name: string) => readFileSync(new URL(`../fixtures/metrics/${name}.txt`, import.meta.url));

/** A page of metrics, in pieces, and what the health checks make of it. */
const metricsPage: Target = {
  name: "metrics-page",
  dialect: "metrics",
  seeds: [
    ...["cadvisor", "kubelet-resource", "node-exporter", "tfserving"].map(page),
    Buffer.from('# TYPE a counter\n\ta {b="\\"\\\\\\n",} +Inf -1e3 # {t="x"} 1\n{"utf8.name"} 1\nc 0x1\r\nd{} NaN'),
  ],
  kinds: [],
  allowanceBytes: treeAllowanceBytes,
  read(bytes) {
    const samples: PrometheusSample[] = [];
    const limits = { ...SCAN_LIMITS, maxLineBytes: 512, maxSamples: 10_000 };
    const scanner = new PrometheusScanner(
      () => true,
      (sample) => samples.push(sample),
      limits,
    );
    const piece = 1 + (bytes.length % 977);
    for (let at = 0; at < bytes.length && scanner.push(bytes.subarray(at, at + piece)); at += piece);
    const report = scanner.end();
    if (samples.length > limits.maxSamples) throw new Error("more samples than the limit");
    for (const { name, labels } of samples) {
      if (name === "") throw new Error("a sample without a name");
      if (Object.getPrototypeOf(labels) !== null) throw new Error("labels with a prototype");
    }
    const half = takeSnapshot(samples.slice(0, samples.length >> 1), undefined);
    const figures = figuresSince(takeSnapshot(samples, undefined), half, 1);
    for (const value of numbersIn(figures)) {
      if (!Number.isFinite(value)) throw new Error(`a figure that is ${value}`);
    }
    return { seen: [report, figures].map(shapeOf) };
  },
};

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

const PRINT = {
  model: printModelConfig,
  batching: printBatching,
  monitoring: printMonitoring,
} as const;

/** A configuration file: what is read is checked, printed and read again. */
const configFile: Target = {
  name: "config-file",
  dialect: "config",
  seeds: [
    `# models\nmodel_config_list { config { name: "m" base_path: '/m' model_platform: "tensorflow"
     model_version_policy { specific { versions: [1, 0x2] } } version_labels { key: "stable" value: 2 } } }`,
    'model_config_list: < config: { name: "a\\n" "b\\x41\\101\\u00e4" } >; ',
    "max_batch_size { value: 128 } batch_timeout_micros { value: -0 } allowed_batch_sizes: [1, 2, 128]",
    'prometheus_config { enable: true, path: "/metrics" }',
    '{"model_config_list": {"config": [{"name": "m", "basePath": "/m", "modelVersionPolicy": {"all": {}}}]}}',
    '{"models": [{"name": "m", "basePath": "/m", "versionPolicy": {"latest": 2}}]}',
    '{"maxBatchSize": 5, "allowedBatchSizes": [1, 5]}',
    "custom_model_config { [type.googleapis.com/a.B] { x: 1 } }",
  ].map((text) => Buffer.from(text)),
  kinds: [],
  mayFailWith: (error) => error instanceof ConfigSyntaxError,
  allowanceBytes: treeAllowanceBytes,
  read(bytes) {
    const text = bytes.toString("utf8");
    const read = readConfig(text);
    const printed = PRINT[read.kind](read.config as never);
    const again = readConfig(printed, { kind: read.kind });
    if (!isDeepStrictEqual(again.config, read.config)) throw new Error(`prints what is not read again: ${printed}`);
    const problems = check(text);
    for (const { path, reason, remedy } of problems) {
      if (CONTROL.test(path + reason + remedy)) throw new Error("a problem with a control character in its text");
    }
    return { seen: problems.map(({ rule }) => rule) };
  },
};

/** A warm-up file: as it is, and with every checksum made right, so that what is behind them is reached. */
const warmUpFile: Target = {
  name: "warm-up-file",
  dialect: "protobuf",
  seeds: [
    readFileSync(new URL("../fixtures/warm-up/requests.tfrecord", import.meta.url)),
    tfRecords([predictLog("", 1), Buffer.alloc(0), Buffer.from([0x12, 0x00])]),
    tfRecords([Buffer.concat([predictLog("a", 1), predictLog("b", 2)])]),
    Buffer.alloc(0),
  ],
  kinds: [],
  mayFailWith: (error) => error instanceof Error && /^(record \d+(:|,)|it has more than)/.test(error.message),
  allowanceBytes: () => 2 * LIMIT_BYTES,
  read(bytes) {
    if (bytes.length % 4 !== 0) mendChecksums(bytes);
    const { predicts, others } = readWarmUpRequests(bytes, LIMIT_BYTES);
    const outputs: Record<string, unknown> = Object.create(null);
    for (const [index, { inputs }] of predicts.entries()) {
      for (const [name, tensor] of Object.entries(inputs)) outputs[`${index} ${name}`] = tensor;
    }
    return { outputs, seen: [...others.keys()].sort() };
  },
};

function mendChecksums(file: Buffer): void {
  for (let at = 0; at + 12 <= file.length; ) {
    file.writeUInt32LE(maskedCrc32c(file.subarray(at, at + 8)), at + 8);
    const end = at + 12 + file.readUInt32LE(at);
    if (end + 4 > file.length) return;
    file.writeUInt32LE(maskedCrc32c(file.subarray(at + 12, end)), end);
    at = end + 4;
  }
}

function* numbersIn(value: unknown): Generator<number> {
  if (typeof value === "number") yield value;
  else if (typeof value === "object" && value !== null) {
    for (const member of Object.values(value)) yield* numbersIn(member);
  }
}

/** Which members there are, and which numbers are 0: enough to tell one way through a reader from another. */
function shapeOf(value: object): string {
  return Object.entries(value)
    .map(([name, member]) => `${name}:${typeof member === "number" ? Math.sign(member) : typeof member}`)
    .join();
}

export const HEALTH_TARGETS: readonly Target[] = [metricsPage, configFile, warmUpFile];
