import type { Command } from "commander";
import {
  type ConfigProblem,
  check,
  type ModelServerConfig,
  plan,
  printPlan,
  type ReloadPlan,
  toReloadConfig,
} from "../../config.ts";
import { type ServingClient, ServingError, type Version } from "../../index.ts";
import { CheckFailed } from "../exit-codes.ts";
import { toJson } from "../json-text.ts";
import type { Output } from "../output.ts";
import { hasErrors, printProblems } from "../print-problems.ts";
import { checkOneStdin, readModelFile } from "../read-config-file.ts";
import { type ConnectionOptions, readTimeout, takeConnection, withClient } from "../server-options.ts";

interface ReloadOptions extends ConnectionOptions {
  readonly from?: string;
  readonly dryRun?: true;
  readonly allowUnload?: true;
  readonly allowUnavailableLabels?: true;
  readonly timeout?: number;
  readonly json?: true;
}

/** Reloads go over gRPC alone. */
const DEFAULT_ADDRESS = "grpc://localhost:8500";

/** `tfserving reload`: replaces what a running server serves, after a look at what that means. */
export function addReload(program: Command, output: Output): void {
  takeConnection(program.command("reload"))
    .description("replace the whole configuration of a running server by that of a file, over gRPC")
    .argument("<file>", "model config file, - for standard input")
    .argument("[address]", `grpc://host:8500 (default: TFS_ADDRESS, then ${DEFAULT_ADDRESS})`)
    .option("--from <file>", "the configuration in force, which the server cannot be asked for")
    .option("--dry-run", "print what would change and send nothing")
    .option("--allow-unload", "go on when models would be unloaded")
    .option("--allow-unavailable-labels", "the server runs with --allow_version_labels_for_unavailable_models")
    .option("--timeout <ms>", "how long to wait for the server, in milliseconds", readTimeout)
    .option("--json", "print JSON for programs")
    .addHelpText("after", HELP)
    .action(async (file: string, address: string | undefined, options: ReloadOptions) => {
      checkOneStdin([file, options.from ?? ""]);
      const from = options.from === undefined ? undefined : (await readModelFile(options.from)).config;
      const { config, warnings } = await readModelFile(file);
      const reload = { file, from, config, warnings, options };
      // What is wrong with the file itself needs no server to be found.
      const isWrong = hasErrors(check(config, { ...options, kind: "model", use: "reload" }));
      const outcome =
        isWrong || options.dryRun
          ? outcomeOf(reload, plan(from, config, options))
          : await withClient(address ?? DEFAULT_ADDRESS, options, (client) => send(client, reload));
      show(output, reload, outcome);
      if (outcome.refusal !== undefined) throw new CheckFailed(`nothing was sent: ${outcome.refusal}`);
    });
}

const HELP = `
Labels are held against the server's own word on which versions are available.
Nothing is sent when the plan has an error, or when models would be unloaded
without --allow-unload.

Examples:
  $ tfserving reload models.config --from models.old.config --dry-run
  $ tfserving reload models.config grpc://localhost:8500 --from old.config

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the reload failed,
4 nothing was sent.`;

interface Reload {
  readonly file: string;
  readonly from: ModelServerConfig | undefined;
  readonly config: ModelServerConfig;
  readonly warnings: readonly ConfigProblem[];
  readonly options: ReloadOptions;
}

interface Outcome {
  readonly plan: ReloadPlan;
  /** Why nothing was sent, where that was not asked for. */
  readonly refusal?: string;
  readonly isDone?: boolean;
}

function outcomeOf({ config, options }: Reload, planned: ReloadPlan): Outcome {
  if (hasErrors(planned.problems)) return { plan: planned, refusal: "the server would refuse it" };
  const unloads = planned.changes.some(({ action }) => action === "unload") || config.models.length === 0;
  if (!unloads || options.allowUnload || options.dryRun) return { plan: planned };
  return { plan: planned, refusal: "it unloads models, which takes --allow-unload" };
}

async function send(client: ServingClient, reload: Reload): Promise<Outcome> {
  const { from, config, options } = reload;
  const available = await availableOf(client, config, options);
  const outcome = outcomeOf(reload, plan(from, config, { ...options, available }));
  if (outcome.refusal !== undefined) return outcome;
  await client.reloadConfig({ config: toReloadConfig(config) }, { timeoutMs: options.timeout });
  return { ...outcome, isDone: true };
}

function show(output: Output, { file, warnings, options }: Reload, { plan: planned, isDone = false }: Outcome): void {
  const problems = [...warnings, ...planned.problems];
  if (options.json) {
    output.line(toJson({ ...planned, problems, reloaded: isDone }));
    return;
  }
  for (const line of printPlan(planned).split("\n")) output.line(line);
  printProblems(output, problems, file);
  if (isDone) output.line("reloaded");
}

/** The available versions of each model that has labels, as the server tells them. */
async function availableOf(
  client: ServingClient,
  config: ModelServerConfig,
  { timeout }: ReloadOptions,
): Promise<Record<string, readonly Version[]>> {
  const available: Record<string, readonly Version[]> = Object.create(null);
  for (const { name, versionLabels = {} } of config.models) {
    if (Object.keys(versionLabels).length === 0) continue;
    try {
      const { versions } = await client.getModelStatus({ model: name }, { timeoutMs: timeout });
      available[name] = versions.filter(({ state }) => state === "AVAILABLE").map(({ version }) => version);
    } catch (error) {
      if (!(error instanceof ServingError) || error.code !== "NOT_FOUND") throw error;
      available[name] = [];
    }
  }
  return available;
}
