import { type Command, InvalidArgumentError, Option } from "commander";
import { createHealthCheck, type HealthCheckOptions, type HealthLevel, type HealthReport } from "../../health.ts";
import type { ExitCode } from "../exit-codes.ts";
import { type ProbeInputOptions, probeInputsOf, takeProbeInputs } from "../inputs/probe-inputs.ts";
import { toJson } from "../json-text.ts";
import { type MemoryOptions, memoryOf, takeMemory } from "../memory-options.ts";
import { formatTable, type Output, printable, wrap } from "../output.ts";
import { readBytes, readCount } from "../quantities.ts";
import { type Inputs, readInput } from "../read-input.ts";
import { reportExitCode } from "../report-exit-code.ts";
import { readTimeout, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";
import type { Style } from "../terminal.ts";

interface HealthOptions extends ServerOptions, MemoryOptions, ProbeInputOptions {
  readonly level: HealthLevel;
  readonly expect?: Inputs;
  readonly rtol?: number;
  readonly atol?: number;
  readonly maxLatency?: number;
  readonly predictions?: number;
  readonly fuse?: number;
}

const LEVELS: readonly HealthLevel[] = ["connect", "alive", "loaded", "predicts", "stable"];

/** `tfserving health`: one look, as a probe of an orchestrator would take it. */
export function addHealth(program: Command, output: Output, end: (code: ExitCode) => void): void {
  const command = takeServer(program.command("health"), { signature: true })
    .description("check one model, as deep as --level says")
    .addOption(new Option("--level <level>", "how deep to look").choices(LEVELS).default("predicts"));
  takeProbeInputs(command)
    .option("--expect <name=JSON>", "what an output must be", readInput)
    .option("--rtol <share>", "by how much of it a number may differ (default: 1e-5)", readAmount)
    .option("--atol <amount>", "and by how much in any case (default: 1e-8)", readAmount)
    .option("--max-latency <ms>", "a prediction that takes longer fails", readTimeout)
    .option("-n, --predictions <count>", "of level stable (default: 100)", readCount)
    .option("--fuse <bytes>", "growth that ends level stable (default: 1 GB, or 5 % of the limit)", readBytes);
  takeMemory(command, { metrics: false })
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: HealthOptions) => {
      const check = checkOf(options, command);
      return withClient(address, options, async (client) => {
        const report = await createHealthCheck(client, check).check();
        end(reportExitCode(report));
        if (options.json) output.line(toJson(report));
        else print(report, output);
      });
    });
}

const HELP = `
Levels, each with those before it:
  connect   somebody is there, TLS and protocol are right
  alive     a status request is answered
  loaded    the version wanted is AVAILABLE
  predicts  one real prediction comes back in time and as it should
  stable    after more of them memory has settled; needs a --memory-… source

Examples:
  $ tfserving health -m half_plus_two --level loaded
  $ tfserving health -m half_plus_two -i 'x=[1, 2]' --expect 'y=[2.5, 3]'
  $ tfserving health -m ranker --max-latency 200 --json | jq .checks
  $ tfserving health -m ranker --level stable --memory-pid 4711

Exit codes: 0 pass or warn, 1 wrong usage, 2 no connection, 4 fail,
5 inconclusive: nothing was found out.`;

/** @throws TypeError when inputs come from two places */
function checkOf(options: HealthOptions, command: Command): HealthCheckOptions {
  const { level } = options;
  // A signature out of settings is for commands that predict; one that was typed here must not be without effect.
  const isIdle =
    LEVELS.indexOf(level) < LEVELS.indexOf("predicts") && command.getOptionValueSource("signature") !== "cli";
  return {
    model: options.model,
    ...versionOf(options),
    level,
    timeoutMs: options.timeout,
    signatureName: isIdle ? undefined : options.signature,
    inputs: probeInputsOf(options),
    expect: options.expect,
    rtol: options.rtol,
    atol: options.atol,
    maxLatencyMs: options.maxLatency,
    memory: memoryOf(options),
    predictions: options.predictions,
    fuseBytes: options.fuse,
  };
}

const STYLES: Readonly<Record<HealthReport["status"], Style>> = {
  pass: "good",
  warn: "careful",
  fail: "bad",
  inconclusive: "careful",
};

function print({ status, output: summary, checks }: HealthReport, output: Output): void {
  const [first = "", ...more] = wrap(`${status}: ${printable(summary)}`, "");
  output.line(output.out.paint(STYLES[status], status) + first.slice(status.length));
  for (const line of more) output.line(line);
  const rows = Object.entries(checks).map(([name, check]) => [name, check.status, printable(check.output)]);
  for (const line of formatTable(rows)) output.line(line);
}

function readAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() === "" || !(amount >= 0)) throw new InvalidArgumentError("it is a number from 0.");
  return amount;
}
