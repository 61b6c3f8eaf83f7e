import { existsSync } from "node:fs";
import type { Command } from "commander";
import { mergeSettings } from "./merge-settings.ts";
import { DEFAULT_FILE, VARIABLES } from "./setting-names.ts";

/**
 * Gives a command that asks a server what its own words leave out, from variables and a file. Nothing is read for a
 * command without an address.
 *
 * @throws TypeError for settings that are wrong, and for a credential that would go where nobody sent it
 */
export async function applySettings(command: Command, env: NodeJS.ProcessEnv): Promise<void> {
  const at = command.registeredArguments.findIndex((argument) => argument.name() === "address");
  if (at === -1) return;
  const named: string | undefined = command.opts()["config"] ?? (env["TFS_CONFIG"] || undefined);
  const file = named ?? (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : undefined);
  if (file === undefined && !Object.keys(VARIABLES).some((name) => env[name])) return;

  // Loaded only where there is something to check.
  const { readSettingsFile, readVariables } = await import("./read-settings.ts");
  const { version, label } = command.opts();
  const settings = mergeSettings(
    { address: command.processedArgs[at], hasVersion: version !== undefined || label !== undefined },
    readVariables(env),
    file === undefined
      ? undefined
      : { name: file, isNamed: named !== undefined, settings: await readSettingsFile(file) },
  );
  command.processedArgs[at] = settings.address;
  // A variable may stand for many addresses, with TLS and without.
  const isSecure = /^(?:grpcs|https):/.test(settings.address ?? "");
  const { ca, cert, key, serverName } = (isSecure && settings.tls) || {};
  const values = {
    model: settings.model,
    version: settings.version === undefined ? undefined : BigInt(settings.version),
    label: settings.label,
    signature: settings.signature,
    timeout: settings.timeoutMs,
    auth: settings.auth,
    headers: settings.headers,
    allowInsecureCredentials: settings.allowInsecureCredentials,
    tlsCa: ca,
    tlsCert: cert,
    tlsKey: key,
    tlsServerName: serverName,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && command.getOptionValueSource(name) !== "cli") {
      command.setOptionValueWithSource(name, value, "config");
    }
  }
}
