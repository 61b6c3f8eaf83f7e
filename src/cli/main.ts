import nodeModule from "node:module";
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { type Output, openProcessOutput } from "./output.ts";

/**
 * Runs the command line and says what the process shall end with. Nothing is thrown: a failure is one line on stderr.
 *
 * @param args what stands behind the program's name
 */
export async function main(args: readonly string[], output: Output = openProcessOutput()): Promise<ExitCode> {
  let code: ExitCode = EXIT.ok;
  const program = createProgram(output);
  const end = (ended: ExitCode) => {
    code = ended;
  };
  for (const add of await commandsFor(args)) add(program, output, end);
  takeEverywhere(program, output);
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

type AddCommand = (program: Command, output: Output, end: (code: ExitCode) => void) => void;

/** Each command, loaded when it is needed: a check from a probe shall not wait for a server that it does not start. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import("./commands/serve.ts")).addServe,
  demo: async () => (await import("./commands/demo.ts")).addDemo,
  status: async () => (await import("./commands/status.ts")).addStatus,
  metadata: async () => (await import("./commands/metadata.ts")).addMetadata,
  predict: async () => (await import("./commands/predict.ts")).addPredict,
  score: async () => (await import("./commands/score.ts")).addScore,
  wait: async () => (await import("./commands/wait.ts")).addWait,
  health: async () => (await import("./commands/health.ts")).addHealth,
  config: async () => (await import("./commands/config.ts")).addConfig,
  reload: async () => (await import("./commands/reload.ts")).addReload,
};

/** The one command that is asked for; all of them for the help, and where that is not clear from the first word. */
async function commandsFor([name = ""]: readonly string[]): Promise<AddCommand[]> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  return Promise.all(load === undefined ? Object.values(COMMANDS).map((each) => each()) : [load()]);
}

/** Gives every command what all of them take. */
function takeEverywhere(command: Command, output: Output): void {
  command.option("--no-color", "print without colours").hook("preAction", (asked) => {
    if (asked.opts()["color"] !== false) return;
    output.out.useNoColors();
    output.err.useNoColors();
  });
  for (const inner of command.commands) takeEverywhere(inner, output);
}

function createProgram(output: Output): Command {
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
