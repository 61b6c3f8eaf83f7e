import type { Settings } from "./settings-schema.ts";

/** Settings of a file, and whether somebody named that file or it was found. */
export interface SettingsFile {
  readonly name: string;
  readonly isNamed: boolean;
  readonly settings: Settings;
}

/** What is left after the address and the version of the command line, of variables and of a file. */
export interface MergedSettings extends Settings {
  /** Where settings came from, for messages. */
  readonly addressFrom: "arguments" | "variables" | "file" | "default";
}

/** What the command line itself says. */
export interface Own {
  readonly address?: string | undefined;
  readonly hasVersion?: boolean;
}

/**
 * One set of settings of all sources: the command line's own, then variables, then the file.
 *
 * Credentials do not travel: those of a file that names an address go to that address alone, and one in a variable goes
 * to no address out of a file that merely lay in the working directory.
 *
 * @throws TypeError for such a variable
 */
export function mergeSettings(own: Own, variables: Settings, file: SettingsFile | undefined): MergedSettings {
  const address = own.address ?? variables.address ?? file?.settings.address;
  const addressFrom =
    own.address !== undefined
      ? "arguments"
      : variables.address !== undefined
        ? "variables"
        : file?.settings.address !== undefined
          ? "file"
          : "default";
  if (addressFrom === "file" && file?.isNamed === false && variables.auth !== undefined) {
    throw new TypeError(
      `TFS_AUTH is not sent to the address in ${file.name}, which nobody named: say --config ${file.name}, or give the address`,
    );
  }
  const { auth, headers, tls, allowInsecureCredentials, ...plain } = file?.settings ?? {};
  const isFilesOwn = plain.address === undefined || plain.address === address;
  const { version: _version, label: _label, ...lower } = plain;
  const hasVersion = (settings: Settings) => settings.version !== undefined || settings.label !== undefined;
  const chosen = own.hasVersion ? {} : hasVersion(variables) ? variables : plain;
  return {
    ...lower,
    ...(isFilesOwn && { auth, headers, allowInsecureCredentials }),
    ...variables,
    tls: { ...(isFilesOwn && tls), ...variables.tls },
    version: chosen.version,
    label: chosen.label,
    address,
    addressFrom,
  };
}
