import nodeModule from "node:module";
import { Command, CommanderError } from "commander";
import { addConfig } from "./commands/config.ts";
import { addDemo } from "./commands/demo.ts";
import { addHealth } from "./commands/health.ts";
import { addMetadata } from "./commands/metadata.ts";
import { addPredict } from "./commands/predict.ts";
import { addReload } from "./commands/reload.ts";
import { addScore } from "./commands/score.ts";
import { addServe } from "./commands/serve.ts";
import { addStatus } from "./commands/status.ts";
import { addWait } from "./commands/wait.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { type Output, openProcessOutput } from "./output.ts";

/**
 * Runs the command line and says what the process shall end with. Nothing is thrown: a failure is one line on stderr.
 *
 * @param args what stands behind the program's name
 */
export async function main(args: readonly string[], output: Output = openProcessOutput()): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = createProgram(output, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync(args, { from: "user" });
    return code;
  } catch (error) {
    // Commander has said by itself what was wrong; its own code is 0 for --help and --version.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
    output.complain(`tfserving: ${error instanceof Error ? error.message : String(error)}`);
    return exitCodeOf(error);
  }
}

function createProgram(output: Output, end: (code: ExitCode) => void): Command {
  const program = new Command("tfserving");
  program
    .description("TensorFlow Serving from the command line: a server to try a client on, and one to ask")
    .version(readVersion())
    .helpOption("-h, --help", "show this, or the help of a command")
    .showHelpAfterError("(--help shows what there is)")
    .configureOutput({
      writeOut: (text) => output.line(text.trimEnd()),
      writeErr: (text) => output.complain(text.trimEnd()),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    .exitOverride()
    // So that --version behind a command is the model's, and in front of it the program's.
    .enablePositionalOptions()
    .addHelpText("after", EXAMPLES);
  addServe(program, output);
  addDemo(program, output, end);
  addStatus(program, output);
  addMetadata(program, output);
  addPredict(program, output);
  addScore(program, output, end);
  addWait(program, output, end);
  addHealth(program, output, end);
  addConfig(program, output, end);
  addReload(program, output, end);
  return program;
}

const EXAMPLES = `
Examples:
  $ tfserving demo
  $ tfserving serve
  $ tfserving wait grpc://localhost:8500 --model half_plus_two
  $ tfserving predict --model half_plus_two --input 'x=[1, 2, 5]'
  $ tfserving health --model half_plus_two --json

A command without an address asks the one in TFS_ADDRESS, or else
http://localhost:8501.

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed,
4 unhealthy, 5 nothing found out.`;

/** From the package itself, by its own name: the same file from source and from an installed package. */
function readVersion(): string {
  const manifest = nodeModule.createRequire(import.meta.url)("tfserving/package.json") as { version: string };
  return manifest.version;
}
