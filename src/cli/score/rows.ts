import type { Signature } from "../../index.ts";
import { readJson } from "../read-input.ts";
import { CsvReader, toFields } from "./csv.ts";
import { readLines } from "./lines.ts";

/** The values of one row by input name, or why it is none. */
export type Row = { readonly values: Readonly<Record<string, unknown>> } | { readonly problem: string };

export type Format = "ndjson" | "csv";

/** A row, and which one of the input it is. */
export interface NumberedRow {
  readonly number: number;
  readonly row: Row;
}

/**
 * The rows of a text that comes in pieces, for a model of this signature: as many at a time as a piece completes, so
 * that no row waits for others. Empty lines are no rows. Rows that are not wanted are counted and not looked into.
 */
export async function* readRows(
  pieces: AsyncIterable<string>,
  format: Format,
  signature: Signature,
  isWanted: (number: number) => boolean,
): AsyncGenerator<NumberedRow[], void, undefined> {
  const reader = format === "csv" ? csvReader(signature) : jsonReader(signature);
  let number = 0;
  for await (const lines of readLines(pieces)) {
    const rows: NumberedRow[] = [];
    for (const line of lines) {
      if (!reader.completes(line)) continue;
      if (isWanted(number)) rows.push({ number, row: reader.row() });
      number++;
    }
    if (rows.length > 0) yield rows;
  }
  const last = reader.end();
  if (last !== undefined && isWanted(number)) yield [{ number, row: last }];
}

interface Reader {
  /** Whether a row ends with this line. */
  completes(line: string): boolean;
  /** The row that ended last. */
  row(): Row;
  /** What is left at the end. */
  end(): Row | undefined;
}

/** A row as REST has it: an object of values by input name, or the bare value of the only input. */
function jsonReader({ inputs }: Signature): Reader {
  const [name, ...others] = Object.keys(inputs);
  const onlyName = others.length === 0 ? name : undefined;
  let current = "";
  const completes = (line: string): boolean => {
    current = line;
    return line.trim() !== "";
  };
  const row = (): Row => {
    let value: unknown;
    try {
      value = readJson(current);
    } catch {
      return { problem: "the line is not JSON" };
    }
    if (value === null) return { problem: "null is no row" };
    if (typeof value === "object" && !Array.isArray(value) && !(value instanceof Uint8Array)) {
      return { values: value as Readonly<Record<string, unknown>> };
    }
    if (onlyName !== undefined) return { values: { [onlyName]: value } };
    return { problem: `a bare value needs a model of one input, this one has ${others.length + 1}: name them` };
  };
  return { completes, row, end: () => undefined };
}

/** Columns are inputs of one value each where all are named so; else together the row of the one input. */
function csvReader(signature: Signature): Reader {
  const csv = new CsvReader();
  let header: readonly string[] | undefined;
  let toRow: ((fields: readonly string[]) => Row) | undefined;
  let current = "";
  const completes = (line: string): boolean => {
    const record = csv.read(line);
    if (record === undefined) return false;
    current = record;
    if (header !== undefined) return true;
    header = toFields(record).map((name) => name.trim());
    toRow = rowMaker(header, signature);
    return false;
  };
  const row = (): Row => {
    const fields = toFields(current);
    if (fields.length === header!.length) return toRow!(fields);
    return { problem: `the row has ${fields.length} fields, the header ${header!.length}` };
  };
  return { completes, row, end: () => (csv.isOpen ? { problem: "the row ends inside quotes" } : undefined) };
}

function rowMaker(header: readonly string[], { inputs }: Signature): (fields: readonly string[]) => Row {
  const [name, ...others] = Object.keys(inputs);
  const areInputs = header.every((column) => Object.hasOwn(inputs, column));
  if (!areInputs && (name === undefined || others.length > 0)) {
    throw new TypeError(
      `the columns of the input (${header.join(", ")}) are not the inputs of the model (${[name, ...others].join(", ")}), and it does not have just one`,
    );
  }
  return (fields) => {
    const values: unknown[] = [];
    for (const [column, field] of fields.entries()) {
      const { dtype } = inputs[areInputs ? header[column]! : name!]!;
      const value = toValue(field, dtype);
      if (value === undefined) return { problem: `column "${header[column]}" holds no ${dtype}` };
      values.push(value);
    }
    if (!areInputs) return { values: { [name!]: values } };
    return { values: Object.fromEntries(header.map((column, at) => [column, values[at]])) };
  };
}

const BOOLS: Readonly<Record<string, boolean | undefined>> = { true: true, "1": true, false: false, "0": false };

function toValue(field: string, dtype: string): number | bigint | string | boolean | undefined {
  if (dtype === "string") return field;
  const text = field.trim();
  if (dtype === "bool") return Object.hasOwn(BOOLS, text.toLowerCase()) ? BOOLS[text.toLowerCase()] : undefined;
  if (dtype === "int64" || dtype === "uint64") return /^[+-]?\d+$/.test(text) ? BigInt(text) : undefined;
  if (text === "") return undefined;
  const number = Number(text);
  return Number.isNaN(number) && text.toLowerCase() !== "nan" ? undefined : number;
}
