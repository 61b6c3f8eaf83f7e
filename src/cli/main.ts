import nodeModule from "node:module";
import { Command, CommanderError } from "commander";
import { EXIT, type ExitCode } from "./exit-codes.ts";
import { reportFailure } from "./failure.ts";
import { type Output, openProcessOutput } from "./output.ts";
import { applySettings } from "./settings/apply-settings.ts";
import { SETTINGS_HELP } from "./settings/setting-names.ts";

/**
 * Runs the command line and says what the process shall end with. Nothing is thrown: a failure is one line on stderr,
 * of JSON where that was asked for.
 *
 * @param args what stands behind the program's name
 */
export async function main(
  args: readonly string[],
  output: Output = openProcessOutput(),
  env: NodeJS.ProcessEnv = process.env,
): Promise<ExitCode> {
  // Looked for here too, because arguments that cannot be read are a failure as well.
  const json = wantsJson(args);
  const { code, isTold } = await run(args, output, env, json);
  const failure = isTold ? undefined : await output.written();
  if (failure === undefined) return code;
  const failed = reportFailure(failure, output, { json });
  return code === EXIT.ok ? failed : code;
}

interface Ended {
  readonly code: ExitCode;
  /** Whether a failure was reported, which may be that of the output. */
  readonly isTold: boolean;
}

async function run(args: readonly string[], output: Output, env: NodeJS.ProcessEnv, json: boolean): Promise<Ended> {
  let code: ExitCode = EXIT.ok;
  const end = (ended: ExitCode) => {
    code = ended;
  };
  const program = createProgram(json ? { ...output, complain: () => {} } : output);
  for (const add of await commandsFor(args)) add(program, output, end);
  takeEverywhere(program, output, env);
  try {
    await program.parseAsync(args, { from: "user" });
    return { code, isTold: false };
  } catch (error) {
    if (!(error instanceof CommanderError)) return { code: reportFailure(error, output, { json }), isTold: true };
    // Commander has said by itself what was wrong; its own code is 0 for --help and --version.
    if (error.exitCode === 0) return { code: EXIT.ok, isTold: false };
    if (json) reportFailure(new TypeError(problemOf(error)), output, { json });
    return { code: EXIT.usage, isTold: true };
  }
}

function wantsJson(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end === -1 ? undefined : end).includes("--json");
}

function problemOf({ code, message }: CommanderError): string {
  return code === "commander.help" ? "expected a command" : message.replace(/^error: /, "");
}

type AddCommand = (program: Command, output: Output, end: (code: ExitCode) => void) => void;

/** Each command, loaded when it is needed: a check from a probe shall not wait for a server that it does not start. */
const COMMANDS: Readonly<Record<string, () => Promise<AddCommand>>> = {
  serve: async () => (await import("./commands/serve.ts")).addServe,
  demo: async () => (await import("./commands/demo.ts")).addDemo,
  status: async () => (await import("./commands/status.ts")).addStatus,
  metadata: async () => (await import("./commands/metadata.ts")).addMetadata,
  predict: async () => (await import("./commands/predict.ts")).addPredict,
  classify: async () => (await import("./commands/classify.ts")).addClassify,
  regress: async () => (await import("./commands/regress.ts")).addRegress,
  score: async () => (await import("./commands/score.ts")).addScore,
  wait: async () => (await import("./commands/wait.ts")).addWait,
  health: async () => (await import("./commands/health.ts")).addHealth,
  doctor: async () => (await import("./commands/doctor.ts")).addDoctor,
  watch: async () => (await import("./commands/watch.ts")).addWatch,
  soak: async () => (await import("./commands/soak.ts")).addSoak,
  config: async () => (await import("./commands/config.ts")).addConfig,
  reload: async () => (await import("./commands/reload.ts")).addReload,
  completion: async () => (await import("./commands/completion.ts")).addCompletion,
};

/** What is told of all commands, which then have to be there. */
const ABOUT_ALL = ["completion", "help"];

/** The one command that is asked for, none for the version; all of them for the help, and where that is not clear from the first word. */
async function commandsFor([name = ""]: readonly string[]): Promise<AddCommand[]> {
  if (name === "--version" || name === "-V") return [];
  const load = Object.hasOwn(COMMANDS, name) && !ABOUT_ALL.includes(name) ? COMMANDS[name] : undefined;
  return Promise.all(load === undefined ? Object.values(COMMANDS).map((each) => each()) : [load()]);
}

/** Gives every command what all of them take. */
function takeEverywhere(command: Command, output: Output, env: NodeJS.ProcessEnv): void {
  command.option("--no-color", "print without colours").hook("preAction", async (asked, action) => {
    if (asked.opts()["color"] === false) {
      output.out.useNoColors();
      output.err.useNoColors();
    }
    // Once, before the command's own hooks look at what it was given.
    if (asked.parent === null) await applySettings(action, env);
  });
  for (const inner of command.commands) takeEverywhere(inner, output, env);
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
      outputError: (text, write) => write(text.replace(/^error:/, output.err.paint("bad", "tfserving:"))),
      getOutHelpWidth: () => 80,
      getErrHelpWidth: () => 80,
    })
    // Some terms are long: what explains them is broken into what is left of the 80 columns.
    .configureHelp({ minWidthToWrap: 20 })
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
${SETTINGS_HELP}

With --json a failure is JSON as well: {"error": {"exitCode", "exit", "message",
...}}, one line on stderr. Colours are for terminals; NO_COLOR and FORCE_COLOR
say otherwise.

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed,
4 unhealthy, 5 nothing found out.`;

/** From the package itself, by its own name: the same file from source and from an installed package. */
function readVersion(): string {
  const manifest = nodeModule.createRequire(import.meta.url)("tfserving/package.json") as { version: string };
  return manifest.version;
}
