import { type Command, InvalidArgumentError } from "commander";
import { type SoakOptions as HealthSoakOptions, type MemorySource, type SoakReport, soak } from "../../health.ts";
import type { ServingClient } from "../../index.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { type ProbeInputOptions, probeInputsOf, takeProbeInputs } from "../inputs/probe-inputs.ts";
import { toJson } from "../json-text.ts";
import { type MemoryOptions, memoryOf, metricsOf, takeMemory } from "../memory-options.ts";
import type { Output } from "../output.ts";
import { readBytes, readCount, readDuration } from "../quantities.ts";
import { checkReportFile, reportContext, writeReport } from "../report/report-file.ts";
import { callOf, modelOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";
import { printSoak } from "../soak/print-soak.ts";
import { SoakProgressLine } from "../soak/soak-progress.ts";

interface SoakCommandOptions extends ServerOptions, MemoryOptions, ProbeInputOptions {
  readonly predictions?: number;
  readonly duration?: number;
  readonly fuse?: number;
  readonly pause?: number;
  readonly report?: string;
}

/** `tfserving soak`: whether a model leaks, by predictions that are sent for it. */
export function addSoak(program: Command, output: Output, end: (code: ExitCode) => void): void {
  const command = takeServer(program.command("soak"), { signature: true })
    .description("send predictions, read the server's memory after each, and say whether the model leaks")
    .option(
      "-n, --predictions <count>",
      "how many: 20 raise suspicion, 100 decide, 200 see 1 MB each (default: 100)",
      readPredictions,
    )
    .option("--duration <time>", "end after this time, for example 10m", readDuration)
    .option("--fuse <bytes>", "send no more after this growth (default: 1 GB, or 5 % of the limit)", readBytes)
    .option("--pause <time>", "wait after each: for sources that measure seldom", readDuration);
  takeMemory(takeProbeInputs(command))
    .option("--report <file.html>", "write a page with charts, which needs no network")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: SoakCommandOptions) => {
      if (address?.includes(",")) throw new TypeError("a soak needs the address of one server: its memory is read");
      return withClient(address, options, async (client) => {
        const memory = memoryOf(options);
        if (memory === undefined) throw new TypeError(`a soak needs to see memory: ${NO_SOURCE}`);
        if (options.report !== undefined) await checkReportFile(options.report);
        const settings = settingsOf(options, memory);
        // Nobody there, no such model or signature: failed calls, not findings of a soak.
        await modelOf(client, options).signature(callOf(options));
        const report = await run(client, settings, output);
        end(exitCodeFor(report));
        if (options.json) output.line(toJson(report));
        else printSoak(output, report);
        if (options.report === undefined) return;
        // Loaded on use: it holds a chart library.
        const { soakPage } = await import("../report/soak-page.ts");
        const context = { ...reportContext(command), endpoint: client.endpoint, memory: memory.name };
        await writeReport(options.report, soakPage(report, context));
        output.complain(`report: ${options.report}`);
      });
    });
}

const NO_SOURCE =
  "give one of --memory-pid, --memory-cgroup, --memory-docker, --memory-kubernetes, --memory-prometheus";

const HELP = `
Needs the address of one server, and one source of its memory: TensorFlow
Serving itself tells nothing about its memory. No prediction is sent that would
take growth beyond the fuse, none while memory is out of sight.

Examples:
  $ tfserving soak grpc://localhost:8500 -m ranker --memory-pid 4711
  $ tfserving soak -m ranker --memory-docker tfserving --report soak.html
  $ tfserving soak -m ranker --duration 10m --memory-limit 32GB \\
      --memory-prometheus http://cadvisor:8080/metrics \\
      --metric container_memory_working_set_bytes --metric-label name=tfserving

Exit codes: 0 stable, 1 wrong usage, 2 no connection, 3 predictions fail,
4 it leaks, or the fuse stopped it, 5 nothing found out, or only suspected.`;

function readPredictions(text: string): number {
  const predictions = readCount(text);
  if (predictions < 10) throw new InvalidArgumentError("fewer than 10 tell nothing.");
  return predictions;
}

function settingsOf(options: SoakCommandOptions, memory: MemorySource): HealthSoakOptions {
  return {
    memory,
    metrics: metricsOf(options, options.model),
    model: options.model,
    ...versionOf(options),
    signatureName: options.signature,
    inputs: probeInputsOf(options),
    predictions: options.predictions,
    durationMs: options.duration,
    fuseBytes: options.fuse,
    pauseMs: options.pause,
    timeoutMs: options.timeout,
  };
}

async function run(client: ServingClient, settings: HealthSoakOptions, output: Output): Promise<SoakReport> {
  const { predictions, durationMs } = settings;
  const goal = { predictions: predictions ?? (durationMs === undefined ? 100 : undefined), durationMs };
  const line = new SoakProgressLine(output.err, goal);
  const stop = abortOnSignal();
  try {
    return await soak(client, { ...settings, signal: stop.signal, onProgress: (progress) => line.draw(progress) });
  } finally {
    stop.release();
    line.end();
  }
}

/** As at level `stable` of a health check: a fuse that blew is a fault, a mere suspicion an open question. */
function exitCodeFor({ verdict, end }: SoakReport): ExitCode {
  if (verdict === "stable") return EXIT.ok;
  if (verdict === "leak" || end === "fuse") return EXIT.unhealthy;
  return end === "failures" ? EXIT.rpc : EXIT.inconclusive;
}
