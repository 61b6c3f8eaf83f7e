import { type Command, InvalidArgumentError } from "commander";
import { type ModelStatusResponse, type ServingClient, ServingError } from "../../index.ts";
import { abortOnSignal } from "../abort-on-signal.ts";
import { toJson } from "../json-text.ts";
import { formatTable, type Output, printable } from "../output.ts";
import { Redrawn } from "../redrawn.ts";
import { callOf, type ServerOptions, takeServer, versionOf, withClient } from "../server-options.ts";
import type { Style } from "../terminal.ts";
import { untilOver } from "../until-over.ts";

interface StatusOptions extends ServerOptions {
  readonly watch?: true;
  readonly interval?: number;
}

const INTERVAL_MS = 1_000;

/** `tfserving status`: in which state each version of a model is. */
export function addStatus(program: Command, output: Output): void {
  takeServer(program.command("status"))
    .description("show the state of each version of a model")
    .option("-w, --watch", "go on until Ctrl+C: redrawn on a terminal, else a line (of JSON) a change")
    .option("--interval <ms>", `between two looks of --watch (default: ${INTERVAL_MS})`, readInterval)
    .addHelpText("after", HELP)
    .action((address: string | undefined, options: StatusOptions) =>
      withClient(address, options, async (client) => {
        const ask = (signal?: AbortSignal) =>
          client.getModelStatus({ model: options.model, ...versionOf(options) }, { ...callOf(options), signal });
        if (options.watch) return watch(client, ask, options, output);
        if (options.interval !== undefined) throw new TypeError("--interval has an effect only with --watch");
        const response = await ask();
        if (options.json) return output.line(toJson(response));
        for (const line of tableOf(response, output)) output.line(line);
      }),
    );
}

const HELP = `
Ends with 0 whatever the states are: health and wait judge them.

Examples:
  $ tfserving status grpc://localhost:8500 -m half_plus_two
  $ tfserving status -m half_plus_two --watch
  $ tfserving status -m half_plus_two --watch --json | jq .versions

Exit codes: 0 ok, 1 wrong usage, 2 no connection, 3 the call failed.`;

function readInterval(text: string): number {
  const ms = Number(text);
  if (!/^\d{1,8}$/.test(text) || ms < 10)
    throw new InvalidArgumentError("it is a whole number of milliseconds from 10.");
  return ms;
}

const STYLES: Readonly<Record<string, Style>> = { AVAILABLE: "good", LOADING: "careful", START: "careful" };

function tableOf({ versions }: ModelStatusResponse, { out }: Output): string[] {
  if (versions.length === 0) return ["no versions"];
  const rows = versions.map(({ version, state, error }) => [
    `version ${version}`,
    state,
    error === undefined ? "" : printable(`${error.code}: ${error.message}`),
  ]);
  // Painted behind the table, whose columns count letters.
  return formatTable(rows, "").map((line) =>
    line.replace(/^(version \d+ +)(\S+)/, (_all, start: string, state: string) => {
      const failed = versions.some((each) => line.startsWith(`version ${each.version} `) && each.error !== undefined);
      return start + out.paint(failed ? "bad" : (STYLES[state] ?? "dim"), state);
    }),
  );
}

async function watch(
  client: ServingClient,
  ask: (signal: AbortSignal) => Promise<ModelStatusResponse>,
  { model, json, interval = INTERVAL_MS }: StatusOptions,
  output: Output,
): Promise<void> {
  const { signal, release } = abortOnSignal();
  const ending = AbortSignal.any([signal, output.unread]);
  const picture = json || !output.out.isTerminal ? undefined : new Redrawn(output.out);
  let last = "";
  try {
    while (!ending.aborted) {
      const found = await look(() => ask(ending));
      const now = new Date().toISOString();
      if (picture !== undefined) {
        picture.show([
          output.out.paint("strong", `${printable(model)} at ${client.endpoint}, ${now.slice(11, 19)} UTC`),
          ...("error" in found ? [output.out.paint("bad", printable(found.error.message))] : tableOf(found, output)),
        ]);
      } else {
        const text = lineOf(found, json);
        if (text !== last) output.line(json ? toJson({ time: now, model, ...plain(found) }) : `${now}  ${text}`);
        last = text;
      }
      await untilOver(interval, ending);
    }
  } catch (error) {
    if (!ending.aborted) throw error;
  } finally {
    release();
  }
}

type Found = ModelStatusResponse | { readonly error: ServingError };

/** A server that is away for a while is what a watcher wants to see. */
async function look(ask: () => Promise<ModelStatusResponse>): Promise<Found> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ServingError) return { error };
    throw error;
  }
}

function plain(found: Found): object {
  if (!("error" in found)) return found;
  const { code, kind, message } = found.error;
  return { error: { code, kind, message } };
}

function lineOf(found: Found, json: boolean | undefined): string {
  if (json) return toJson(plain(found));
  if ("error" in found) return printable(found.error.message);
  const states = found.versions.map(({ version, state, error }) => {
    return `version ${version} ${state}${error === undefined ? "" : ` (${printable(`${error.code}: ${error.message}`)})`}`;
  });
  return states.join(", ") || "no versions";
}
