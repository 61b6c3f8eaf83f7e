import { type Command, InvalidArgumentError } from "commander";
import { type CallOptions, createClient, type ModelHandle, type ServingClient, type VersionChoice } from "../index.ts";

/** What every command that asks a server takes. */
export interface ServerOptions {
  readonly model: string;
  readonly version?: bigint;
  readonly label?: string;
  readonly signature?: string;
  readonly timeout?: number;
  readonly json?: true;
}

const DEFAULT_ADDRESS = "http://localhost:8501";

/** Gives a command its address and the options of {@link ServerOptions}; two of them only where they have an effect. */
export function takeServer(command: Command, { signature = false, json = true } = {}): Command {
  command
    .argument("[address]", "grpc://host:8500 or http://host:8501 (default: TFS_ADDRESS, then http://localhost:8501)")
    .requiredOption("-m, --model <name>", "the model to ask")
    .option("--version <number>", "this version of it", readVersion)
    .option("--label <label>", "the version with this label");
  if (signature) command.option("--signature <name>", "this signature of it (default: serving_default)");
  command.option("--timeout <ms>", "how long to wait, in milliseconds", readTimeout);
  return json ? command.option("--json", "print JSON for programs") : command;
}

/** Opens a client for one command and closes it again, however the command ends. `options` are the command's own. */
export async function withClient<T>(
  address: string | undefined,
  _options: object,
  use: (client: ServingClient) => Promise<T>,
): Promise<T> {
  const client = createClient(address ?? (process.env["TFS_ADDRESS"] || DEFAULT_ADDRESS));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** @throws TypeError when both are given */
export function versionOf({ version, label }: ServerOptions): VersionChoice {
  if (version !== undefined && label !== undefined) throw new TypeError("--version and --label exclude each other");
  return label === undefined ? { version } : { versionLabel: label };
}

export function modelOf(client: ServingClient, options: ServerOptions): ModelHandle {
  return client.model(options.model, { ...versionOf(options), signatureName: options.signature });
}

export function callOf({ timeout }: ServerOptions): CallOptions {
  return { timeoutMs: timeout };
}

function readVersion(text: string): bigint {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError("a version is a whole number from 0.");
  return BigInt(text);
}

/** A `--timeout`. */
export function readTimeout(text: string): number {
  const ms = Number(text);
  if (!/^\d+$/.test(text) || ms === 0)
    throw new InvalidArgumentError("a timeout is a whole number of milliseconds from 1.");
  return ms;
}
