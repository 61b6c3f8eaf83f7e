import { type Command, Option } from "commander";
import { createHealthCheck, type HealthLevel, type HealthReport } from "../../health.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import { formatTable, type Output, wrap } from "../output.ts";
import { type Inputs, readInput } from "../read-input.ts";
import { type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";

interface HealthOptions extends ServerOptions {
  readonly level: HealthLevel;
  readonly input?: Inputs;
  readonly expect?: Inputs;
}

/** `tfserving health`: one look, as a probe of an orchestrator would take it. */
export function addHealth(program: Command, output: Output, end: (code: ExitCode) => void): void {
  takeServer(program.command("health"), { signature: true })
    .description("check one model; exit code 0 when it is well, 4 when not, 5 when nothing was found out")
    .addOption(
      new Option("--level <level>", "how deep to look").choices(["alive", "loaded", "predicts"]).default("predicts"),
    )
    .option("-i, --input <name=JSON>", "an input of the prediction (default: made up from the signature)", readInput)
    .option("--expect <name=JSON>", "what an output must be", readInput)
    .addHelpText("after", EXAMPLES)
    .action((address: string | undefined, options: HealthOptions) =>
      withClient(address, options, async (client) => {
        const health = createHealthCheck(client, {
          model: options.model,
          ...versionOf(options),
          level: options.level,
          timeoutMs: options.timeout,
          signatureName: options.signature,
          inputs: options.input,
          expect: options.expect,
        });
        const report = await health.check();
        end(exitCodeFor(report));
        if (options.json) return output.line(toJson(report));
        for (const line of wrap(`${report.status}: ${report.output}`, "")) output.line(line);
        const rows = Object.entries(report.checks).map(([name, check]) => [name, check.status, check.output]);
        for (const line of formatTable(rows)) output.line(line);
      }),
    );
}

const EXAMPLES = `
Examples:
  $ tfserving health -m half_plus_two --level loaded
  $ tfserving health -m half_plus_two -i 'x=[1, 2]' --expect 'y=[2.5, 3]'`;

/** Nobody there is told apart from somebody there who is not well. */
function exitCodeFor({ status, checks }: HealthReport): ExitCode {
  if (status === "inconclusive") return EXIT.inconclusive;
  if (status !== "fail") return EXIT.ok;
  return checks["alive"]?.status === "fail" ? EXIT.connect : EXIT.unhealthy;
}
