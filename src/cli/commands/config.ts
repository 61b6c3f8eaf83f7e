import { type Command, Option } from "commander";
import {
  type AnyReadConfig,
  type ConfigKind,
  type ConfigProblem,
  check,
  plan,
  printBatching,
  printModelConfig,
  printMonitoring,
  printPlan,
  readConfig,
} from "../../config.ts";
import { EXIT, type ExitCode } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import { type Output, printable } from "../output.ts";
import { countProblems, hasErrors, printProblems } from "../print-problems.ts";
import { checkOneStdin, inFile, readConfigText, readModelFile } from "../read-config-file.ts";

interface FileOptions {
  readonly kind?: ConfigKind;
  readonly allowUnavailableLabels?: true;
  readonly json?: true;
}

type End = (code: ExitCode) => void;

/** `tfserving config`: the server's configuration files, without a server. */
export function addConfig(program: Command, output: Output, end: End): void {
  const config = program
    .command("config")
    .description("check, print and compare the files that configure a server")
    .addHelpText("after", EXAMPLES);
  addCheck(config, output, end);
  addPrint(config, output);
  addPlan(config, output, end);
}

const EXAMPLES = `
Examples:
  $ tfserving config check models.config batching.config
  $ tfserving config print models.json > models.config
  $ tfserving config plan models.config models.new.config`;

function addCheck(config: Command, output: Output, end: End): void {
  config
    .command("check")
    .description("say what the server would refuse or misread in its files (models, batching, monitoring)")
    .argument("<file...>", "files to check, - for standard input")
    .addOption(kindOption())
    .option("--allow-unavailable-labels", LABELS_FLAG)
    .option("--json", "print JSON for programs")
    .addHelpText("after", CHECK_HELP)
    .action(async (files: readonly string[], { json, ...options }: FileOptions) => {
      checkOneStdin(files);
      const checked: { file: string; problems: ConfigProblem[] }[] = [];
      for (const file of files) checked.push({ file, problems: check(await readConfigText(file), options) });
      if (checked.some(({ problems }) => hasErrors(problems))) end(EXIT.unhealthy);
      if (json) return output.line(toJson({ files: checked }));
      for (const { file, problems } of checked) {
        printProblems(output, problems, file);
        output.line(`${printable(file)}: ${problems.length === 0 ? "nothing found" : countProblems(problems)}`);
      }
    });
}

const CHECK_HELP = `
The rules are explained in docs/config.md.

Examples:
  $ tfserving config check models.config batching.config
  $ helm template . | yq '.data.models' | tfserving config check - --json

Exit codes: 0 no error, 1 wrong usage, 4 an error was found.`;

function addPrint(config: Command, output: Output): void {
  config
    .command("print")
    .description("print a file as the server reads it: text format, made from text format or JSON, without comments")
    .argument("<file>", "the file, - for standard input")
    .addOption(kindOption())
    .option("--json", "print JSON in this library's words")
    .addHelpText("after", PRINT_HELP)
    .action(async (file: string, { kind, json }: FileOptions) => {
      const text = await readConfigText(file);
      const read = inFile(file, () => readConfig(text, { kind }));
      if (json) return output.line(toJson(read.config));
      for (const line of textOf(read).trimEnd().split("\n")) output.line(line);
    });
}

const PRINT_HELP = `
Example:
  $ tfserving config print models.json > models.config

Exit codes: 0 ok, 1 wrong usage, 4 the file cannot be read as what it is.`;

function textOf(read: AnyReadConfig): string {
  switch (read.kind) {
    case "model":
      return printModelConfig(read.config);
    case "batching":
      return printBatching(read.config);
    case "monitoring":
      return printMonitoring(read.config);
  }
}

function addPlan(config: Command, output: Output, end: End): void {
  config
    .command("plan")
    .description("say what a reload from one model config file to another adds, changes and unloads")
    .argument("<from>", "the configuration in force, - for standard input")
    .argument("<to>", "the configuration to come, - for standard input")
    .option("--allow-unavailable-labels", LABELS_FLAG)
    .option("--json", "print JSON for programs")
    .addHelpText("after", PLAN_HELP)
    .action(async (from: string, to: string, { json, ...options }: FileOptions) => {
      checkOneStdin([from, to]);
      const before = await readModelFile(from);
      const after = await readModelFile(to);
      const planned = plan(before.config, after.config, options);
      const problems = [...after.warnings, ...planned.problems];
      if (hasErrors(problems)) end(EXIT.unhealthy);
      if (json) return output.line(toJson({ ...planned, problems }));
      for (const line of printPlan(planned).split("\n")) output.line(line);
      printProblems(output, problems, to);
    });
}

const PLAN_HELP = `
Example:
  $ tfserving config plan models.config models.new.config

Exit codes: 0 ok, 1 wrong usage, 4 the server would refuse the reload.`;

const LABELS_FLAG = "the server runs with --allow_version_labels_for_unavailable_models";

function kindOption(): Option {
  const kinds: readonly ConfigKind[] = ["model", "batching", "monitoring"];
  return new Option("--kind <kind>", "which file it is (default: told from its fields)").choices(kinds);
}
