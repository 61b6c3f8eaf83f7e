import { readFileSync, readSync } from "node:fs";
import { InvalidArgumentError } from "commander";
import type { TensorInput } from "../index.ts";
import { readNpy } from "./inputs/npy.ts";

export type Inputs = Readonly<Record<string, TensorInput>>;

/** A string, which is left as it is, or an integer of more digits than a number holds exactly. */
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g;
/** The same for integers of any length: no point and no exponent, not the digits of either. */
const STRING_OR_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?\d+(?![\d.eE])/g;
const LONG = "tfserving:integer";
/** What most rows do not have: then the plain reader does, at a tenth of the cost. A number stands behind one of these. */
const NEEDS_CARE = /(?:^|[[,:\s])-?\d{16,}(?![\d.eE])|"b64"/;

/**
 * Adds one `--input name=JSON` or `name=@FILE` to those before it. Integers keep all their digits, and `{"b64": "…"}`
 * stands for bytes, as in the server's own JSON. A file holds JSON, or an array where it is called `.npy`.
 */
export function readInput(argument: string, before: Inputs = Object.create(null)): Inputs {
  const at = argument.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("an input is written name=JSON, for example x=[1,2,5].");
  const name = argument.slice(0, at);
  const text = argument.slice(at + 1);
  return Object.assign(Object.create(null), before, {
    [name]: text.startsWith("@") ? fromFile(name, text.slice(1)) : fromJson(name, text),
  });
}

function fromJson(name: string, text: string): TensorInput {
  let value: unknown;
  try {
    value = readJson(text);
  } catch {
    throw new InvalidArgumentError(
      `what stands behind "${name}=" is not JSON; strings need quotes: ${name}='["text"]'.`,
    );
  }
  return notNull(`"${name}"`, value);
}

function fromFile(name: string, file: string): TensorInput {
  const bytes = readBytes(file);
  if (/\.npz$/i.test(file)) throw new InvalidArgumentError(`an .npz names its inputs by itself: --inputs ${file}`);
  try {
    return /\.npy$/i.test(file) ? readNpy(bytes) : notNull(file, readJson(bytes.toString("utf8")));
  } catch (error) {
    if (error instanceof InvalidArgumentError) throw error;
    const reason = error instanceof SyntaxError ? "it is not JSON, and not called .npy" : (error as Error).message;
    throw new InvalidArgumentError(`"${name}" from ${file}: ${reason}.`);
  }
}

function notNull(what: string, value: unknown): TensorInput {
  if (value === null) throw new InvalidArgumentError(`${what} is null, which no tensor can hold.`);
  return value as TensorInput;
}

/**
 * All of a file, of standard input for `-`.
 *
 * @throws InvalidArgumentError when it cannot be read
 */
export function readBytes(file: string): Buffer {
  try {
    return file === "-" ? readStandardInput() : readFileSync(file);
  } catch (error) {
    throw new InvalidArgumentError(`cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? "unknown"}).`);
  }
}

/** Not by readFileSync(0): that fails where the other end of the pipe is slow to write. */
function readStandardInput(): Buffer {
  const chunks: Buffer[] = [];
  const sleeper = new Int32Array(new SharedArrayBuffer(4));
  for (;;) {
    const chunk = Buffer.allocUnsafe(65_536);
    try {
      const length = readSync(0, chunk);
      if (length === 0) return Buffer.concat(chunks);
      chunks.push(chunk.subarray(0, length));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EOF") return Buffer.concat(chunks);
      if (code !== "EAGAIN") throw error;
      Atomics.wait(sleeper, 0, 0, 5);
    }
  }
}

/**
 * The value of a JSON text, integers with all their digits and `{"b64": "…"}` as bytes.
 *
 * @throws SyntaxError when it is not JSON
 */
export function readJson(text: string): unknown {
  return NEEDS_CARE.test(text) ? parseWith(text, STRING_OR_LONG_INTEGER) : JSON.parse(text);
}

/**
 * The same with every integer a bigint, however short: for places where `1` and `1.0` are not the same.
 *
 * @throws SyntaxError when it is not JSON
 */
export function readJsonWithIntegers(text: string): unknown {
  return parseWith(text, STRING_OR_INTEGER);
}

function parseWith(text: string, tokens: RegExp): unknown {
  const exact = text.replace(tokens, (token) => (token.startsWith('"') ? token : `{"${LONG}":"${token}"}`));
  return JSON.parse(exact, revive);
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const [[key, content] = [], ...rest] = Object.entries(value);
  if (rest.length > 0 || typeof content !== "string") return value;
  if (key === LONG) return BigInt(content);
  return key === "b64" ? new Uint8Array(Buffer.from(content, "base64")) : value;
}
