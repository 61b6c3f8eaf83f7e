import { type Command, Option } from "commander";
import { createHealthCheck, type HealthLevel, type HealthReport } from "../../health.ts";
import { type ServingClient, ServingError } from "../../index.ts";
import { CheckFailed, EXIT, exitCodeOf } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import { type Output, printable } from "../output.ts";
import { reportExitCode } from "../report-exit-code.ts";
import { modelOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";
import { untilOver } from "../until-over.ts";

type WaitLevel = Exclude<HealthLevel, "stable">;

interface WaitOptions extends ServerOptions {
  readonly level: WaitLevel;
}

const LEVELS: readonly WaitLevel[] = ["connect", "alive", "loaded", "predicts"];
const DEFAULT_TIMEOUT_MS = 60_000;
/** Of one look, unless less is left. */
const LOOK_MS: Readonly<Record<WaitLevel, number>> = { connect: 1_000, alive: 1_000, loaded: 1_000, predicts: 5_000 };
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1_600;

/** `tfserving wait`: ends when a model is ready, for scripts that start a server. */
export function addWait(program: Command, output: Output): void {
  const command = takeServer(program.command("wait"), { signature: true })
    .description("wait until a model is ready, nobody answering yet included (60 s unless --timeout says else)")
    .addOption(
      new Option("--level <level>", "what to wait for, as in tfserving health").choices(LEVELS).default("loaded"),
    )
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: WaitOptions) =>
      withClient(address, options, async (client) => {
        // The timeout of settings is that of a call.
        const given = command.getOptionValueSource("timeout") === "cli" ? options.timeout : undefined;
        const startedAt = performance.now();
        const deadlineAt = startedAt + (given ?? DEFAULT_TIMEOUT_MS);
        const reached = await reach(client, options, deadlineAt);
        const waitedMs = Math.round(performance.now() - startedAt);
        const { model, level } = options;
        output.line(options.json ? toJson({ model, level, waitedMs, ...reached }) : printable(reached.output));
      }),
    );
}

const HELP = `
At the end of the time the exit code tells nobody there (2) from a server that
answers without the model being ready (4). A model that has failed to load ends
the wait at once; --timeout is that of the whole wait, which TFS_TIMEOUT_MS, the
time of a call, does not change.

Examples:
  $ tfserving wait -m half_plus_two --timeout 120000 && npm run test:e2e
  $ tfserving wait grpc://serving:8500 -m ranker --level predicts

Exit codes: 0 ready, 1 wrong usage, 2 no connection, 4 not ready,
5 nothing found out.`;

interface Reached {
  readonly output: string;
  readonly version?: number | bigint;
  readonly state?: string;
}

/** @throws CheckFailed with the exit code of what was in the way */
async function reach(client: ServingClient, options: WaitOptions, deadlineAt: number): Promise<Reached> {
  const { level, model } = options;
  if (level === "connect" || level === "alive") return poll(client, options, deadlineAt);
  let ready: Awaited<ReturnType<ReturnType<typeof modelOf>["waitUntilReady"]>>;
  try {
    ready = await modelOf(client, options).waitUntilReady({ timeoutMs: deadlineAt - performance.now() });
  } catch (error) {
    if (!(error instanceof ServingError)) throw error;
    throw await notReady(client, options, error);
  }
  const { version, state } = ready;
  const loaded = { version, state, output: `${model} version ${version} is ${state}` };
  return level === "loaded" ? loaded : { ...loaded, ...(await poll(client, options, deadlineAt)) };
}

async function notReady(client: ServingClient, options: WaitOptions, cause: ServingError): Promise<Error> {
  const exitCode = exitCodeOf(cause);
  if (exitCode === EXIT.connect) return cause;
  // Time that ran out says by itself not whether anybody was there.
  const isThere =
    cause.kind !== "timeout" || (await lookOnce(client, options, "alive", LOOK_MS.alive)).status !== "fail";
  return new CheckFailed(cause.message, { cause, exitCode: isThere ? EXIT.unhealthy : EXIT.connect });
}

/** Looks again and again, more and more seldom. */
async function poll(client: ServingClient, options: WaitOptions, deadlineAt: number): Promise<Reached> {
  const { level } = options;
  let last: HealthReport | undefined;
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const leftMs = Math.max(1, deadlineAt - performance.now());
    const report = await lookOnce(client, options, level, Math.min(LOOK_MS[level], leftMs));
    if (report.status === "pass" || report.status === "warn") return { output: report.output };
    // A look that the end of the time cuts short finds nobody, whoever is there.
    if (last === undefined || leftMs >= LOOK_MS[level]) last = report;
    const restMs = deadlineAt - performance.now();
    if (restMs <= 0) throw new CheckFailed(last.output, { exitCode: reportExitCode(last) });
    await untilOver(Math.min(pauseMs, restMs), new AbortController().signal);
  }
}

function lookOnce(client: ServingClient, options: WaitOptions, level: WaitLevel, timeoutMs: number) {
  const { model, signature } = options;
  const signatureName = level === "predicts" ? signature : undefined;
  return createHealthCheck(client, { model, ...versionOf(options), level, timeoutMs, signatureName }).check();
}
