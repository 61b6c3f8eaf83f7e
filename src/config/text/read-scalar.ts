import { quote } from "../../internal/quote.ts";
import { ENUMS, type FieldSchema, shortName } from "../schema.ts";
import type { Scanner } from "./scanner.ts";
import type { TextValue } from "./text-message.ts";

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** More digits than any integer here needs, octal ones included: longer numbers are not even converted. */
const MOST_DIGITS = 24;

const BOOLEANS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  false: false,
  False: false,
  f: false,
};

/**
 * Reads one value that is no message, for the field called `name`.
 *
 * @throws ConfigSyntaxError
 * @see https://protobuf.dev/reference/protobuf/textformat-spec/#value
 */
export function readScalar(scanner: Scanner, { type }: FieldSchema, name: string): TextValue {
  if (type === "string" || type === "bytes") return readString(scanner, type, name);
  if (type === "bool") return readBool(scanner, name);
  if (type === "double") return readDouble(scanner, name);
  const range = RANGES[type];
  if (range !== undefined) return readInteger(scanner, type, range, name);
  return readEnum(scanner, type, name);
}

/** Strings in a row are one: long ones can be broken over lines. */
function readString(scanner: Scanner, type: "string" | "bytes", name: string): TextValue {
  const first = scanner.token;
  if (first.kind !== "string") throw scanner.unexpected(`a string in quotes for ${name}`);
  const parts: Uint8Array[] = [];
  while (scanner.token.kind === "string") parts.push(scanner.take().bytes as Uint8Array);
  const bytes = parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  if (type === "bytes") return Uint8Array.from(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw scanner.fail(first.at, `expected text for ${name}, found bytes that are not UTF-8`);
  }
}

function readBool(scanner: Scanner, name: string): boolean {
  const { token } = scanner;
  if (token.kind === "name" && Object.hasOwn(BOOLEANS, token.text)) return BOOLEANS[scanner.take().text]!;
  if (token.kind === "integer") {
    const value = integerOf(token.text);
    if (value === 0n || value === 1n) {
      scanner.take();
      return value === 1n;
    }
  }
  throw scanner.unexpected(`true or false for ${name}`);
}

function readInteger(scanner: Scanner, type: string, [least, most]: readonly [bigint, bigint], name: string): bigint {
  const start = scanner.token;
  const expected = `a whole number from ${least} to ${most} for ${name}`;
  const isNegative = type !== "uint32" && scanner.takeIf("-");
  if (scanner.token.kind !== "integer") throw scanner.unexpected(`a whole number for ${name}`);
  const { text } = scanner.token;
  const magnitude = integerOf(text);
  if (magnitude === undefined && !isTooLong(text)) throw scanner.unexpected(`digits from 0 to 7 behind a leading 0`);
  const value = magnitude === undefined ? undefined : isNegative ? -magnitude : magnitude;
  if (value === undefined || value < least || value > most) {
    throw scanner.fail(start.at, `expected ${expected}, found ${isNegative ? "-" : ""}${text.slice(0, 40)}`);
  }
  scanner.take();
  return value;
}

/** `12`, `0x1F`, `017`; undefined for what has too many digits, or an 8 or 9 behind a leading zero. */
function integerOf(text: string): bigint | undefined {
  if (isTooLong(text)) return undefined;
  if (!/^0[0-9]/.test(text)) return BigInt(text);
  return /^[0-7]+$/.test(text) ? BigInt(`0o${text}`) : undefined;
}

function isTooLong(text: string): boolean {
  return text.replace(/^0[xX]?0*/, "").length > MOST_DIGITS;
}

function readDouble(scanner: Scanner, name: string): number {
  const expected = `a number for ${name}`;
  const sign = scanner.takeIf("-") ? -1 : 1;
  const { token } = scanner;
  if (token.kind === "name") {
    const word = token.text.toLowerCase();
    if (word !== "inf" && word !== "infinity" && word !== "nan") throw scanner.unexpected(expected);
    scanner.take();
    return word === "nan" ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  }
  const isDecimal = token.kind === "float" || (token.kind === "integer" && !/^0[0-9xX]/.test(token.text));
  if (!isDecimal || /^0[0-9]/.test(token.text)) throw scanner.unexpected(`${expected}, in decimal digits`);
  scanner.take();
  return sign * Number(token.text.replace(/[fF]$/, ""));
}

function readEnum(scanner: Scanner, type: string, name: string): TextValue {
  const names = ENUMS[type] ?? {};
  const { token } = scanner;
  if (token.kind === "name") {
    if (!Object.hasOwn(names, token.text)) {
      const known = Object.keys(names).join(", ");
      throw scanner.fail(
        token.at,
        `expected one of ${known} for ${name} (${shortName(type)}), found ${quote(token.text)}`,
      );
    }
    return scanner.take().text;
  }
  const number = Number(readInteger(scanner, "int32", RANGES["int32"]!, name));
  return Object.keys(names).find((known) => names[known] === number) ?? number;
}
