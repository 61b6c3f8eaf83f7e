import { InvalidArgumentError } from "commander";
import type { TensorInput } from "../index.ts";

export type Inputs = Readonly<Record<string, TensorInput>>;

/** A string, which is left as it is, or an integer of more digits than a number holds exactly. */
const STRING_OR_LONG_INTEGER = /"(?:[^"\\]|\\.)*"|(?<![\w.+-])-?\d{16,}(?![\d.eE])/g;
const LONG = "tfserving:integer";
/** What most rows do not have: then the plain reader does, at a tenth of the cost. */
const NEEDS_CARE = /(?<![\w.+-])-?\d{16,}(?![\d.eE])|"b64"/;

/**
 * Adds one `--input name=JSON` to those before it. Integers keep all their digits, and `{"b64": "…"}` stands for bytes,
 * as in the server's own JSON.
 */
export function readInput(argument: string, before: Inputs = Object.create(null)): Inputs {
  const at = argument.indexOf("=");
  if (at <= 0) throw new InvalidArgumentError("an input is written name=JSON, for example x=[1,2,5].");
  const name = argument.slice(0, at);
  const text = argument.slice(at + 1);
  let value: unknown;
  try {
    value = readJson(text);
  } catch {
    throw new InvalidArgumentError(
      `what stands behind "${name}=" is not JSON; strings need quotes: ${name}='["text"]'.`,
    );
  }
  if (value === null) throw new InvalidArgumentError(`"${name}" is null, which no tensor can hold.`);
  return Object.assign(Object.create(null), before, { [name]: value });
}

/**
 * The value of a JSON text, integers with all their digits and `{"b64": "…"}` as bytes.
 *
 * @throws SyntaxError when it is not JSON
 */
export function readJson(text: string): unknown {
  if (!NEEDS_CARE.test(text)) return JSON.parse(text);
  const exact = text.replace(STRING_OR_LONG_INTEGER, (token) =>
    token.startsWith('"') ? token : `{"${LONG}":"${token}"}`,
  );
  return JSON.parse(exact, revive);
}

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const [[key, content] = [], ...rest] = Object.entries(value);
  if (rest.length > 0 || typeof content !== "string") return value;
  if (key === LONG) return BigInt(content);
  return key === "b64" ? new Uint8Array(Buffer.from(content, "base64")) : value;
}
