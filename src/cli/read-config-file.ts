import { open } from "node:fs/promises";
import { ConfigSyntaxError, MAX_CONFIG_BYTES, type ReadConfig, readConfig } from "../config.ts";
import { CheckFailed } from "./exit-codes.ts";

/**
 * The text of a configuration file, of standard input for `-`. Read piece by piece, so that no file fills the memory.
 *
 * @throws TypeError when it cannot be opened or is too large
 * @throws CheckFailed when it is not UTF-8
 */
export async function readConfigText(name: string): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of await openInput(name)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_CONFIG_BYTES) throw new TypeError(`${name} has more than ${MAX_CONFIG_BYTES} bytes`);
  }
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks));
  } catch {
    throw new CheckFailed(`${name}: expected a text file, found bytes that are not UTF-8`);
  }
}

/**
 * The model configuration in a file.
 *
 * @throws CheckFailed with file, line and column when it cannot be read
 */
export async function readModelFile(name: string): Promise<ReadConfig<"model">> {
  const text = await readConfigText(name);
  return inFile(name, () => readConfig(text, { kind: "model" }));
}

/** Puts the file's name in front of the place where a text cannot be read. */
export function inFile<T>(name: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof ConfigSyntaxError ? new CheckFailed(`${name}:${error.message}`) : error;
  }
}

/** @throws TypeError when `-` is there twice: standard input has one content */
export function checkOneStdin(names: readonly string[]): void {
  if (names.filter((name) => name === "-").length > 1) throw new TypeError("- stands for standard input, once");
}

async function openInput(name: string): Promise<AsyncIterable<Buffer>> {
  if (name === "-") return process.stdin;
  try {
    const file = await open(name);
    if (!(await file.stat()).isDirectory()) return file.createReadStream();
    await file.close();
  } catch (error) {
    throw new TypeError(`cannot read ${name} (${(error as NodeJS.ErrnoException).code ?? "unknown"})`);
  }
  throw new TypeError(`cannot read ${name} (a directory)`);
}
