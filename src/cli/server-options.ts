import { readFileSync } from "node:fs";
import { type Command, InvalidArgumentError } from "commander";
import {
  type CallOptions,
  type ClientOptions,
  createClient,
  type ModelHandle,
  type ServingClient,
  type TlsOptions,
  type VersionChoice,
} from "../index.ts";

/** What every command that asks a server takes. The first five come from settings too. */
export interface ServerOptions extends ConnectionOptions {
  readonly model: string;
  readonly version?: bigint;
  readonly label?: string;
  readonly signature?: string;
  readonly timeout?: number;
  readonly json?: true;
}

/** How to get through to a server. What has no option here comes from settings alone: a process list shows options. */
export interface ConnectionOptions {
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly tlsServerName?: string;
  readonly auth?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly allowInsecureCredentials?: boolean;
}

const DEFAULT_ADDRESS = "http://localhost:8501";

/** Gives a command its address and the options of {@link ServerOptions}; two of them only where they have an effect. */
export function takeServer(command: Command, { signature = false, json = true } = {}): Command {
  command
    .argument("[address]", "grpc://host:8500 or http://host:8501 (default: TFS_ADDRESS, then http://localhost:8501)")
    .option("-m, --model <name>", "the model to ask (default: TFS_MODEL)")
    .option("--version <number>", "this version of it", readVersion)
    .option("--label <label>", "the version with this label");
  if (signature) command.option("--signature <name>", "this signature of it (default: serving_default)");
  command.option("--timeout <ms>", "how long to wait, in milliseconds", readTimeout);
  if (json) command.option("--json", "print JSON for programs");
  return takeConnection(command).hook("preAction", (asked) => {
    if (asked.opts()["model"] !== undefined) return;
    throw new TypeError('no model: give --model NAME, TFS_MODEL, or "model" in a file of settings');
  });
}

/** Gives a command that has an address the options of {@link ConnectionOptions}. */
export function takeConnection(command: Command): Command {
  return command
    .option("--config <file>", "settings (default: TFS_CONFIG, then tfserving.config.json)")
    .option("--tls-ca <file>", "certificates to trust instead of the system's (PEM)")
    .option("--tls-cert <file>", "the client's own certificate (PEM)")
    .option("--tls-key <file>", "and its key (PEM)")
    .option("--tls-server-name <name>", "what the server's certificate is for, where that is not the host");
}

/**
 * Opens a client for one command and closes it again, however the command ends. `options` are the command's own.
 * An address with commas in it is several servers of the same model.
 */
export async function withClient<T>(
  address: string | undefined,
  options: ConnectionOptions,
  use: (client: ServingClient) => Promise<T>,
): Promise<T> {
  const addresses = (address ?? DEFAULT_ADDRESS).split(",").map((one) => one.trim());
  const client = createClient(addresses.length === 1 ? (addresses[0] as string) : addresses, clientOptionsOf(options));
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

/** @throws TypeError when a PEM file cannot be read */
function clientOptionsOf(options: ConnectionOptions): ClientOptions {
  const { auth, headers, allowInsecureCredentials, tlsCa, tlsCert, tlsKey, tlsServerName } = options;
  const tls: TlsOptions = {
    ca: tlsCa && readPem("--tls-ca", tlsCa),
    cert: tlsCert && readPem("--tls-cert", tlsCert),
    key: tlsKey && readPem("--tls-key", tlsKey),
    serverName: tlsServerName,
  };
  const hasTls = Object.values(tls).some((value) => value !== undefined);
  return { auth, headers, allowInsecureCredentials, tls: hasTls ? tls : undefined };
}

/**
 * The text of a PEM file.
 *
 * @throws TypeError that names the option
 */
export function readPem(option: string, file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new TypeError(`${option}: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
}

/** @throws TypeError when both are given */
export function versionOf({ version, label }: Pick<ServerOptions, "version" | "label">): VersionChoice {
  if (version !== undefined && label !== undefined) throw new TypeError("--version and --label exclude each other");
  return label === undefined ? { version } : { versionLabel: label };
}

export function modelOf(client: ServingClient, options: ServerOptions): ModelHandle {
  return client.model(options.model, { ...versionOf(options), signatureName: options.signature });
}

export function callOf({ timeout }: Pick<ServerOptions, "timeout">): CallOptions {
  return { timeoutMs: timeout };
}

/** A `--version`. */
export function readVersion(text: string): bigint {
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
