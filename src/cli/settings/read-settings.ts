import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { VARIABLES } from "./setting-names.ts";
import { type Settings, settingsSchema } from "./settings-schema.ts";

const MAX_BYTES = 1 << 20;
/** Values of these are never shown. */
const SECRET = ["auth", "headers"];

/**
 * The settings in the variables.
 *
 * @throws TypeError that names the variable, what was expected and what was found
 */
export function readVariables(env: NodeJS.ProcessEnv): Settings {
  const given: Record<string, unknown> = {};
  const tls: Record<string, unknown> = {};
  for (const [name, [key, inner]] of Object.entries(VARIABLES)) {
    const value = env[name];
    // An empty variable is how shells and manifests say "none".
    if (value === undefined || value === "") continue;
    if (inner === undefined) given[key] = typed(key, value);
    else tls[inner] = value;
  }
  if (Object.keys(tls).length > 0) given["tls"] = tls;
  return check(given, (path) => nameOf(path) ?? path.join("."));
}

/** The text of a variable as JSON would have it. What is not of that type stays text, for the schema to refuse. */
function typed(key: string, value: string): unknown {
  if (key === "timeoutMs" && /^\d+$/.test(value)) return Number(value);
  if (key !== "allowInsecureCredentials") return value;
  return value === "true" || value === "1" ? true : value === "false" || value === "0" ? false : value;
}

function nameOf(path: readonly string[]): string | undefined {
  return Object.keys(VARIABLES).find((name) => VARIABLES[name]?.join(".") === path.join("."));
}

/**
 * The settings in a file. Names of files in it are relative to it.
 *
 * @throws TypeError that names the file, the key, what was expected and what was found
 */
export async function readSettingsFile(file: string): Promise<Settings> {
  const text = await readText(file);
  const settings = check(parse(file, text), (path) => [file, path.join(".")].filter(Boolean).join(": "));
  if (settings.tls === undefined) return settings;
  const tls = { ...settings.tls };
  for (const name of ["ca", "cert", "key"] as const) {
    if (tls[name] !== undefined) tls[name] = resolve(dirname(file), tls[name]);
  }
  return { ...settings, tls };
}

async function readText(file: string): Promise<string> {
  try {
    const { size } = await stat(file);
    if (size <= MAX_BYTES) return await readFile(file, "utf8");
  } catch (error) {
    throw new TypeError(`cannot read the settings in ${file} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
  throw new TypeError(`${file}: expected at most ${MAX_BYTES} bytes of settings, found more`);
}

function parse(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // Only the place: the parser's own message quotes from the file, which may hold a credential.
    const position = /position (\d+)/.exec(String(error))?.[1];
    const line = position === undefined ? "" : `:${text.slice(0, Number(position)).split("\n").length}`;
    throw new TypeError(`${file}${line}: expected settings in JSON, found something else`);
  }
}

function check(given: unknown, placeOf: (path: readonly string[]) => string): Settings {
  const { data, error } = settingsSchema.safeParse(given);
  if (data === undefined) throw new TypeError(problemOf(given, error.issues[0] as Issue, placeOf));
  if (data.version !== undefined && data.label !== undefined) {
    throw new TypeError(`${placeOf(["version"])} and ${placeOf(["label"])} exclude each other`);
  }
  return data;
}

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
}

function problemOf(given: unknown, issue: Issue, placeOf: (path: readonly string[]) => string): string {
  const path = issue.path.map(String);
  if (issue.keys !== undefined) {
    const { shape } = path.length === 0 ? settingsSchema : settingsSchema.shape.tls.def.innerType;
    return `${placeOf(path)}: expected ${Object.keys(shape).join(", ")}; found "${issue.keys[0]}"`;
  }
  const found = path.reduce<unknown>((value, key) => (value as Record<string, unknown>)[key], given);
  return `${placeOf(path)}: expected ${issue.message}, found ${describe(found, SECRET.includes(path[0] ?? ""))}`;
}

function describe(value: unknown, isSecret: boolean): string {
  if (value === null || value === "") return JSON.stringify(value);
  if (typeof value === "object") return Array.isArray(value) ? "a list" : "an object";
  return isSecret ? `a ${typeof value}` : JSON.stringify(value).slice(0, 80);
}
