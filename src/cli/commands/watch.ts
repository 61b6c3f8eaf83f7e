import { type Command, InvalidArgumentError, Option } from "commander";
import { createHealthCheck, createLeakGuard } from "../../health.ts";
import type { ServingClient } from "../../index.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import { EXIT, type ExitCode, exitCodeOf } from "../exit-codes.ts";
import { type ProbeInputOptions, probeInputsOf, takeProbeInputs } from "../inputs/probe-inputs.ts";
import { toJson } from "../json-text.ts";
import { LiveScreen } from "../live/live-screen.ts";
import { StatusPoll } from "../live/status-poll.ts";
import { WatchHistory } from "../live/watch-history.ts";
import { watchLine } from "../live/watch-line.ts";
import { isLeaking, type WatchSample } from "../live/watch-sample.ts";
import { drawWatch } from "../live/watch-view.ts";
import { type WatchClock, Watcher, type WatchParts } from "../live/watcher.ts";
import { type MemoryOptions, memoryOf, metricsOf, takeMemory } from "../memory-options.ts";
import type { Output } from "../output.ts";
import { readCount, readDuration } from "../quantities.ts";
import { checkReportFile, reportContext, writeReport } from "../report/report-file.ts";
import { type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";
import { untilOver } from "../until-over.ts";

interface WatchOptions extends ServerOptions, MemoryOptions, ProbeInputOptions {
  readonly interval: number;
  readonly samples?: number;
  readonly for?: number;
  readonly probe: boolean;
  readonly probeEvery: number;
  readonly window?: number;
  readonly report?: string;
}

/** `tfserving watch`: a model, its server and its memory, live. */
export function addWatch(program: Command, output: Output, end: (code: ExitCode) => void): void {
  const command = takeServer(program.command("watch"), { signature: true })
    .description("watch a model live: versions, latency, request rate, memory and whether it leaks")
    .addOption(
      new Option("--interval <time>", "between two looks at status and memory")
        .argParser(readInterval)
        .default(1_000, "1s"),
    )
    .option("--samples <count>", "end after so many looks", readCount)
    .option("--for <time>", "end after this time, for example 10m", readDuration)
    .addOption(
      new Option("--probe-every <time>", "between two predictions of its own (see below)")
        .argParser(readDuration)
        .default(30_000, "30s"),
    )
    .option("--no-probe", "send none")
    .option("--window <time>", "how far back memory is judged (default: 20m)", readWindow);
  takeMemory(takeProbeInputs(command))
    .option("--report <file.html>", "write a page with charts when it ends, which needs no network")
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: WatchOptions) =>
      withClient(address, options, async (client) => {
        if (options.report !== undefined) await checkReportFile(options.report);
        const watcher = new Watcher(partsOf(client, options), CLOCK);
        const history = new WatchHistory();
        await run(watcher, history, options, output);
        end(exitCodeFor(watcher, history.samples.at(-1)));
        if (options.report === undefined) return;
        // Loaded on use: it holds a chart library.
        const { watchPage } = await import("../report/watch-page.ts");
        await writeReport(options.report, watchPage(history.samples, reportContext(command)));
        output.complain(`report: ${options.report}`);
      }),
    );
}

const HELP = `
On a terminal the picture is drawn again in place; in a pipe, and with --json,
each look is a line. Ctrl+C ends it.

Status and memory are cheap to ask for. A prediction is not: it takes the
server's time, and should the model leak, each one leaks. So they are sent 30 s
apart unless --probe-every says otherwise, never two at a time, and none while
memory is suspected of a leak. The server's page is read every 5 s at most.

Examples:
  $ tfserving watch grpc://localhost:8500 -m ranker --memory-pid 4711
  $ tfserving watch -m ranker --memory-docker tfserving --memory-limit 8GiB \\
      --metrics http://localhost:8501/monitoring/prometheus/metrics
  $ tfserving watch -m ranker --no-probe --for 1h --report evening.html

Exit codes, by the last look: 0 all was well, 1 wrong usage, 2 no connection,
3 no status, 4 no version served, a failed prediction, or memory that leaks.`;

const PROBE_TIMEOUT_MS = 5_000;
const METRICS_EVERY_MS = 5_000;

const CLOCK: WatchClock = {
  now: () => performance.now(),
  date: () => new Date(),
  wait: untilOver,
};

function partsOf(client: ServingClient, options: WatchOptions): WatchParts {
  const { model, window, interval, timeout = PROBE_TIMEOUT_MS } = options;
  const memory = memoryOf(options);
  if (memory !== undefined && client.endpoint.includes(",")) {
    throw new TypeError("memory is that of one server: give the address of one");
  }
  const status = new StatusPoll(client, model);
  const health = createHealthCheck(client, {
    model,
    ...versionOf(options),
    signatureName: options.signature,
    inputs: probeInputsOf(options),
    timeoutMs: timeout,
    minIntervalMs: 0,
  });
  return {
    model,
    endpoint: client.endpoint,
    status: () => status.versions(),
    probe: options.probe ? () => health.check() : undefined,
    probeEveryMs: options.probeEvery,
    guard:
      memory &&
      createLeakGuard(status, {
        memory,
        models: [model],
        intervalMs: interval,
        windowSeconds: window === undefined ? undefined : window / 1_000,
      }),
    metrics: metricsOf(options, model),
    metricsEveryMs: METRICS_EVERY_MS,
  };
}

async function run(watcher: Watcher, history: WatchHistory, options: WatchOptions, output: Output): Promise<void> {
  const { samples = Number.POSITIVE_INFINITY, for: forMs = Number.POSITIVE_INFINITY, interval, json } = options;
  const draw = (columns: number) => drawWatch(history.samples, columns, output.out.paint);
  const screen = output.out.isTerminal && !json ? new LiveScreen(output.out, draw) : undefined;
  const { signal, release } = abortOnSignal();
  const ending = AbortSignal.any([signal, output.unread]);
  const ended = new Promise<undefined>((resolve) => {
    ending.addEventListener("abort", () => resolve(undefined), { once: true });
  });
  const startedAt = CLOCK.now();
  screen?.open();
  try {
    for (let count = 1; ; count++) {
      const lookedAt = CLOCK.now();
      // A look may hang for seconds; who wants to end is not to wait for it.
      const sample = await Promise.race([watcher.sample(), ended]);
      if (sample === undefined) break;
      history.add(sample);
      if (screen !== undefined) screen.redraw();
      else output.line(json ? toJson(sample) : watchLine(sample));
      if (count >= samples || CLOCK.now() - startedAt >= forMs) break;
      await CLOCK.wait(Math.max(0, lookedAt + interval - CLOCK.now()), ending);
      if (ending.aborted) break;
    }
  } finally {
    screen?.close();
    release();
  }
  // What was seen last stays on the terminal.
  if (screen !== undefined) for (const line of draw(output.out.columns).slice(0, -2)) output.line(line);
}

/** As it was at the last look. */
function exitCodeFor({ statusError }: Watcher, sample: WatchSample | undefined): ExitCode {
  if (sample === undefined) return EXIT.inconclusive;
  if (statusError !== undefined) return exitCodeOf(statusError);
  const isServed = sample.versions?.some(({ state }) => state === "AVAILABLE") === true;
  return isServed && sample.probe.last?.status !== "fail" && !isLeaking(sample) ? EXIT.ok : EXIT.unhealthy;
}

function readInterval(text: string): number {
  const ms = readDuration(text);
  if (ms < 100) throw new InvalidArgumentError("an interval is 100ms at least.");
  return ms;
}

function readWindow(text: string): number {
  const ms = readDuration(text);
  if (ms < 10_000 || ms % 1_000 !== 0) throw new InvalidArgumentError("a window is whole seconds, 10s at least.");
  return ms;
}
